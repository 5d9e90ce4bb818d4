// FormatDetector tells systemd journal entries (`journalctl -o json`) from free text, a line at a time.
//
// One thread at a time: it keeps its parser's memory from line to line.
#pragma once

#include <memory>
#include <string_view>

#include "towl/entry.hpp"

namespace towlctl {

class FormatDetector {
 public:
  FormatDetector();
  ~FormatDetector();

  /// journal_json for one JSON object that has "__REALTIME_TIMESTAMP" or "MESSAGE"; text for anything else.
  towl::LogFormat operator()(std::string_view line);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace towlctl

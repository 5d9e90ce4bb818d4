// FormatDetector tells systemd journal entries (`journalctl -o json`) from free text, a line at a time.
//
// One thread at a time: it reuses its reader's memory from line to line.
#pragma once

#include <string_view>

#include "towl/entry.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/record/names.hpp"

namespace towlctl {

class FormatDetector {
 public:
  /// journal_json for one JSON object that has "__REALTIME_TIMESTAMP" or "MESSAGE"; text for anything else.
  towl::LogFormat operator()(std::string_view line);

 private:
  towl::JsonReader reader_;
};

}  // namespace towlctl

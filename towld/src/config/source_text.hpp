// SourceText is a part of the configuration as it was read, to be printed again. It makes no difference between parts.
#pragma once

#include <string>

namespace towld {

struct SourceText {
  std::string yaml = {};
  std::string place = {};  ///< FILE:LINE

  friend bool operator==(const SourceText&, const SourceText&) { return true; }
};

}  // namespace towld

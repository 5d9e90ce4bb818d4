// ParserConfig is one step of an input's chain of parsers. The types and their keys are listed in README.md.
#pragma once

#include <string>
#include <vector>

#include "config/part_type.hpp"
#include "config/settings.hpp"

namespace towld {

struct ParserConfig {
  std::string type = {};   ///< One of the table's.
  std::string place = {};  ///< FILE:LINE, for what is found wrong only when the parser is made.
  Settings settings = {};  ///< What its type alone has.

  /// Wherever it stands.
  friend bool operator==(const ParserConfig& a, const ParserConfig& b) {
    return a.type == b.type && a.settings == b.settings;
  }
};

/// Reads the list under `parsers`: names, and maps with a `type` and its settings.
void read_parsers(YamlMap& input, const std::vector<PartType>& types, std::vector<ParserConfig>& parsers);

}  // namespace towld

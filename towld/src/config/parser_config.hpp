// ParserConfig is one step of an input's chain of parsers.
#pragma once

#include <string>
#include <vector>

namespace towld {

class YamlMap;

struct ParserConfig {
  std::string type;

  friend bool operator==(const ParserConfig&, const ParserConfig&) = default;
};

/// Reads the list under `parsers`: names, and maps with a `type` and its settings.
void read_parsers(YamlMap& input, std::vector<ParserConfig>& parsers);

}  // namespace towld

// InputConfig is all that can be set about an input. The keys are listed in README.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/parser_config.hpp"
#include "config/part_type.hpp"
#include "config/settings.hpp"
#include "config/source_text.hpp"

namespace towld {

struct InputConfig {
  std::string name = {};  ///< Unique; if it is not given, the type, with a number from the second on.
  std::string type = {};  ///< One of the table's.
  SourceText source_text = {};
  std::vector<ParserConfig> parsers = {};
  std::map<std::string, std::string> labels = {};
  std::optional<int> min_level = {};  ///< 0 emergency … 7 debug.
  std::optional<std::uint64_t> max_entry_bytes = {};
  Settings settings = {};  ///< What its type alone has.

  friend bool operator==(const InputConfig&, const InputConfig&) = default;
};

/// Reads the list under `inputs`, appends to `inputs`, since each file of the configuration adds its own, and names
/// those that have no name.
void read_inputs(YamlMap& document, const PartTypes& types, std::vector<InputConfig>& inputs);

}  // namespace towld

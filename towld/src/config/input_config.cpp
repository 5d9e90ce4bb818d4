#include "config/input_config.hpp"

#include "config/names.hpp"
#include "config/read_parts.hpp"

namespace towld {

void read_inputs(YamlMap& document, const PartTypes& types, std::vector<InputConfig>& inputs) {
  read_parts(document, "inputs", "input", types.inputs, inputs, [&](YamlMap& map, InputConfig& input) {
    read_parsers(map, types.parsers, input.parsers);
    map.text_map("labels", input.labels);
    int level = 0;
    if (map.choice("min_level", kSeverities, level)) input.min_level = level;
  });
}

}  // namespace towld

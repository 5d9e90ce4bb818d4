#include "config/parser_config.hpp"

#include "config/read_parts.hpp"

namespace towld {

void read_parsers(YamlMap& input, const std::vector<PartType>& types, std::vector<ParserConfig>& parsers) {
  const auto add = [&](const PartType* type, YamlMap& map) {
    if (type != nullptr) parsers.push_back({std::string(type->name), map.place(), type->read(map)});
  };
  input.items(
      "parsers",
      [&](const std::string& name, YamlMap& no_settings) {
        const PartType* type = type_named(types, name);
        if (type == nullptr) input.complain("parsers", "\"" + name + "\" is not one of " + list_of(types));
        add(type, no_settings);
      },
      [&](YamlMap& map) { add(read_type(map, types), map); });
}

}  // namespace towld

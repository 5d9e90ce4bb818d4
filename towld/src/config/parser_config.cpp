#include "config/parser_config.hpp"

#include "config/yaml_map.hpp"

namespace towld {

void read_parsers(YamlMap& input, std::vector<ParserConfig>& parsers) {
  input.items(
      "parsers", [&](const std::string& name) { parsers.push_back({.type = name}); },
      [&](YamlMap& map) {
        ParserConfig parser;
        map.text("type", parser.type);
        parsers.push_back(std::move(parser));
      });
}

}  // namespace towld

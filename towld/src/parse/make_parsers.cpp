#include "parse/make_parsers.hpp"

#include <utility>

#include "parse/parser_types.hpp"

namespace towld {

towl::Result<ParserChain> make_parsers(std::span<const ParserConfig> configs) {
  std::vector<std::unique_ptr<const Parser>> parsers;
  for (const ParserConfig& config : configs) {
    const ParserType* type = find_type(parser_types(), config.type);
    if (type == nullptr) return towl::fail(towl::ErrorCode::invalid_argument, "unknown type of parser", config.place);
    auto parser = type->make(config.settings, config.place);
    if (!parser) return towl::fail(std::move(parser.error()));
    parsers.push_back(std::move(*parser));
  }
  return ParserChain(std::move(parsers));
}

}  // namespace towld

#include "config/parser_config.hpp"

#include <utility>

#include "config/yaml_map.hpp"

namespace towld {
namespace {

constexpr Names<ParserType, 15> kParserTypes = {{
    {"json", ParserType::json},
    {"logfmt", ParserType::logfmt},
    {"regex", ParserType::regex},
    {"grok", ParserType::grok},
    {"common", ParserType::common},
    {"combined", ParserType::combined},
    {"syslog", ParserType::syslog},
    {"timestamp", ParserType::timestamp},
    {"level", ParserType::level},
    {"drop", ParserType::drop},
    {"keep", ParserType::keep},
    {"add", ParserType::add},
    {"rename", ParserType::rename},
    {"remove", ParserType::remove},
    {"redact", ParserType::redact},
}};
constexpr Names<towl::LevelScale, 4> kLevelScales = {{{"bunyan", towl::LevelScale::bunyan},
                                                      {"python", towl::LevelScale::python},
                                                      {"opentelemetry", towl::LevelScale::opentelemetry},
                                                      {"logback", towl::LevelScale::logback}}};

void read_settings(YamlMap& map, ParserConfig& parser) {
  switch (parser.type) {
    case ParserType::json:
    case ParserType::logfmt:
      return map.text("field", parser.field);
    case ParserType::regex:
      map.text("field", parser.field);
      return map.text("pattern", parser.pattern);
    case ParserType::grok:
      map.text("field", parser.field);
      map.text("pattern", parser.pattern);
      map.text("patterns_file", parser.patterns_file);
      return map.text_map("patterns", parser.patterns);
    case ParserType::common:
    case ParserType::combined:
      return;
    case ParserType::syslog:
      return map.text("time_zone", parser.time_zone);
    case ParserType::timestamp:
      map.text("field", parser.field);
      map.text("format", parser.format);
      return map.text("time_zone", parser.time_zone);
    case ParserType::level:
      map.text("field", parser.field);
      map.choice("scale", kLevelScales, parser.scale);
      return;
    case ParserType::drop:
    case ParserType::keep:
      map.text("field", parser.field);
      map.texts("equals", parser.equals);
      return map.text("matches", parser.matches);
    case ParserType::add:
    case ParserType::rename:
      return map.text_map("fields", parser.fields);
    case ParserType::remove:
      return map.texts("fields", parser.names);
    case ParserType::redact:
      map.text("pattern", parser.pattern);
      map.texts("fields", parser.names);
      return map.text("replacement", parser.replacement);
  }
}

/// A key that the type cannot do without and that is not set, and what it is for.
std::optional<std::pair<std::string, std::string>> missing(const ParserConfig& parser) {
  const std::string type(name_of(kParserTypes, parser.type));
  const auto needs = [&](const char* key, const char* example) {
    return std::pair(std::string(key), type + " needs `" + key + "`, e.g. { type: " + type + ", " + example + " }");
  };
  switch (parser.type) {
    case ParserType::regex:
      if (parser.pattern.empty()) return needs("pattern", R"(pattern: '^(?P<user>\w+): (?P<message>.*)')");
      return std::nullopt;
    case ParserType::grok:
      if (parser.pattern.empty()) return needs("pattern", "pattern: '%{IP:client} %{GREEDYDATA:message}'");
      return std::nullopt;
    case ParserType::redact:
      if (parser.pattern.empty()) return needs("pattern", R"(pattern: 'password=\S+')");
      return std::nullopt;
    case ParserType::timestamp:
      if (parser.format.empty()) return needs("format", "format: '%Y-%m-%d %H:%M:%S'");
      return std::nullopt;
    case ParserType::level:
      if (parser.field.empty()) return needs("field", "field: level");
      return std::nullopt;
    case ParserType::drop:
    case ParserType::keep:
      if (parser.equals.empty() == parser.matches.empty()) {
        return std::pair(std::string("equals"), type + " needs either `equals` or `matches`");
      }
      return std::nullopt;
    case ParserType::add:
      if (parser.fields.empty()) return needs("fields", "fields: { app: shop }");
      return std::nullopt;
    case ParserType::rename:
      if (parser.fields.empty()) return needs("fields", "fields: { old: new }");
      return std::nullopt;
    case ParserType::remove:
      if (parser.names.empty()) return needs("fields", "fields: [password]");
      return std::nullopt;
    default:
      return std::nullopt;
  }
}

}  // namespace

void read_parsers(YamlMap& input, std::vector<ParserConfig>& parsers) {
  input.items(
      "parsers",
      [&](const std::string& name) {
        ParserConfig parser;
        parser.place = input.place();
        if (const auto type = value_of(kParserTypes, name)) {
          parser.type = *type;
          if (const auto lack = missing(parser)) input.complain("parsers", lack->second);
        } else {
          input.complain("parsers", "\"" + name + "\" is not one of " + list_of(kParserTypes));
        }
        parsers.push_back(std::move(parser));
      },
      [&](YamlMap& map) {
        ParserConfig parser;
        parser.place = map.place();
        if (map.choice("type", kParserTypes, parser.type)) {
          read_settings(map, parser);
          if (const auto lack = missing(parser)) map.complain(lack->first, lack->second);
        } else {
          map.complain("type", "is missing: one of " + list_of(kParserTypes));
        }
        parsers.push_back(std::move(parser));
      });
}

}  // namespace towld

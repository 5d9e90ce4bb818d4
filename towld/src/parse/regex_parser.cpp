// regex: the named groups of a regular expression become fields.
#include <utility>
#include <vector>

#include "parse/group_parser.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

struct RegexSettings {
  std::string field = {};  ///< Empty: the text.
  std::string pattern = {};

  friend bool operator==(const RegexSettings&, const RegexSettings&) = default;
};

Settings read_regex(YamlMap& map) {
  RegexSettings settings;
  map.text("field", settings.field);
  map.text("pattern", settings.pattern);
  require(map, !settings.pattern.empty(), "regex", "pattern", R"(pattern: '^(?P<user>\w+): (?P<message>.*)')");
  return Settings::of(std::move(settings));
}

MadeParser make_regex_parser(const Settings& held, const std::string& place) {
  const auto& settings = held.as<RegexSettings>();
  auto pattern = Pattern::compile(settings.pattern, place);
  if (!pattern) return towl::fail(std::move(pattern.error()));
  std::vector<GroupField> groups;
  for (const auto& [group, name] : pattern->re2().CapturingGroupNames()) groups.push_back({group, name});
  if (groups.empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "the regular expression has no named group, e.g. (?P<user>\\w+)", place);
  }
  return std::make_unique<GroupParser>(std::move(*pattern), std::move(groups), settings.field);
}

}  // namespace

extern const ParserType kRegexParser = {"regex", read_regex, make_regex_parser};

}  // namespace towld

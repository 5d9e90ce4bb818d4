// grok: named patterns of the library and of the configuration, compiled to one regular expression.
#include <cerrno>
#include <fstream>
#include <iterator>
#include <map>
#include <utility>

#include "limits/limits.hpp"
#include "parse/grok.hpp"
#include "parse/group_parser.hpp"
#include "parse/parser_type.hpp"

namespace towld {
namespace {

struct GrokSettings {
  std::string field = {};  ///< Empty: the text.
  std::string pattern = {};
  std::string patterns_file = {};                    ///< NAME PATTERN, one a line.
  std::map<std::string, std::string> patterns = {};  ///< By name.

  friend bool operator==(const GrokSettings&, const GrokSettings&) = default;
};

towl::Result<void> read_patterns_file(const std::string& path, GrokPatterns& patterns) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return towl::fail(towl::error_from_errno(errno, "cannot read the grok patterns", path));
  std::string text(kMaxPatternsFileBytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad()) return towl::fail(towl::ErrorCode::io, "cannot read the grok patterns", path);
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > kMaxPatternsFileBytes) {
    return towl::fail(towl::ErrorCode::invalid_argument, "too long for grok patterns: at most 1 MiB", path);
  }
  return read_grok_patterns(text, path, patterns);
}

Settings read_grok(YamlMap& map) {
  GrokSettings settings;
  map.text("field", settings.field);
  map.text("pattern", settings.pattern);
  map.text("patterns_file", settings.patterns_file);
  map.text_map("patterns", settings.patterns);
  require(map, !settings.pattern.empty(), "grok", "pattern", "pattern: '%{IP:client} %{GREEDYDATA:message}'");
  return Settings::of(std::move(settings));
}

MadeParser make_grok_parser(const Settings& held, const std::string& place) {
  const auto& settings = held.as<GrokSettings>();
  GrokPatterns patterns = grok_library();
  if (!settings.patterns_file.empty()) {
    if (auto done = read_patterns_file(settings.patterns_file, patterns); !done) return towl::fail(done.error());
  }
  for (const auto& [name, pattern] : settings.patterns) patterns.insert_or_assign(name, pattern);
  auto expression = expand_grok(settings.pattern, patterns, place);
  if (!expression) return towl::fail(std::move(expression.error()));
  if (expression->groups.empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument, "the grok pattern names no field, e.g. %{IP:client}", place);
  }
  auto pattern = Pattern::compile(expression->regex, place);
  if (!pattern) return towl::fail(std::move(pattern.error()));
  return std::make_unique<GroupParser>(std::move(*pattern), std::move(expression->groups), settings.field);
}

}  // namespace

extern const ParserType kGrokParser = {"grok", read_grok, make_grok_parser};

}  // namespace towld

// grok: named patterns of the library and of the configuration, compiled to one regular expression.
#include <cerrno>
#include <fstream>
#include <iterator>
#include <utility>

#include "parse/grok.hpp"
#include "parse/parsers.hpp"

namespace towld {
namespace {

/// A file of patterns has a few hundred lines.
constexpr std::size_t kMaxPatternsFileBytes = std::size_t{1} << 20;

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

}  // namespace

MadeParser make_grok_parser(const ParserConfig& config) {
  GrokPatterns patterns = grok_library();
  if (!config.patterns_file.empty()) {
    if (auto done = read_patterns_file(config.patterns_file, patterns); !done) return towl::fail(done.error());
  }
  for (const auto& [name, pattern] : config.patterns) patterns.insert_or_assign(name, pattern);
  auto expression = expand_grok(config.pattern, patterns, config.place);
  if (!expression) return towl::fail(std::move(expression.error()));
  if (expression->groups.empty()) {
    return towl::fail(towl::ErrorCode::invalid_argument, "the grok pattern names no field, e.g. %{IP:client}",
                      config.place);
  }
  auto pattern = Pattern::compile(expression->regex, config.place);
  if (!pattern) return towl::fail(std::move(pattern.error()));
  return std::make_unique<GroupParser>(std::move(*pattern), std::move(expression->groups), config.field);
}

}  // namespace towld

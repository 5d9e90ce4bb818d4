#include "parse/join_rule.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "config/yaml_map.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

/// What lines look like in the traces of a language.
struct Preset {
  std::string_view name;
  const char* continues;
  const char* opens = nullptr;
  const char* inside = nullptr;
  bool has_last_line = false;
  bool goes_on_after_backslash = false;
};

constexpr std::array<Preset, 7> kPresets = {{
    {"java",
     R"(^(?:\s+(?:at\s|eval:|\.\.\. \d+ (?:more|common))|\s*(?:Caused by|Suppressed): |\s*nested exception is|\tsuppressed|(?:[A-Za-z_$][\w$]*\.)+[A-Z][\w$]*(?:Exception|Error|Throwable)\b))"},
    // Indented lines, and the line that says what it is: after them, with any name.
    {"python",
     R"(^(?:$|Traceback \(most recent call last\):|During handling of the above exception|The above exception was the direct cause))",
     R"(^\s*(?:\+ Exception Group )?Traceback \(most recent call last\):)", R"(^(?:\s|$))", true},
    {"go", nullptr, R"(^(?:panic: |fatal error: |runtime: |goroutine \d+ \[|SIG[A-Z]+: |.*http: panic serving ))",
     R"(^(?:\s|$|goroutine \d+|\[signal |\[recovered\]|created by |exit status |panic: |\S+\(.*\)\s*$|r\w+ +0x|\.\.\.))"},
    {"ruby", R"(^\s+(?:from |\d+: from |\S+:\d+:in |\.\.\. \d+ levels))"},
    {"dotnet", R"(^\s*(?:at \S.*\)|--- End of |---> |--- ))"},
    {"indented", R"(^[\t ])"},
    {"backslash", nullptr, nullptr, nullptr, false, true},
}};

std::string preset_names() {
  std::vector<std::string_view> names;
  names.reserve(kPresets.size());
  for (const Preset& preset : kPresets) names.push_back(preset.name);
  return list_of(names);
}

const Preset* find_preset(std::string_view name) {
  const auto found =
      std::find_if(kPresets.begin(), kPresets.end(), [&](const Preset& one) { return one.name == name; });
  return found == kPresets.end() ? nullptr : &*found;
}

towl::Result<std::unique_ptr<const re2::RE2>> compile(const std::string& pattern, const std::string& place) {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxJoinPatternMemory);
  auto compiled = std::make_unique<const re2::RE2>(pattern, options);
  if (compiled->ok()) return compiled;
  return towl::fail(towl::ErrorCode::invalid_argument,
                    "multiline: the pattern \"" + pattern + "\": " + compiled->error(), place);
}

bool matches(std::string_view line, const std::unique_ptr<const re2::RE2>& expression) {
  return expression != nullptr && re2::RE2::PartialMatch(re2::StringPiece(line.data(), line.size()), *expression);
}

}  // namespace

void read_multiline(YamlMap& map, MultilineConfig& multiline) {
  map.text("start_pattern", multiline.start_pattern);
  map.text("continue_pattern", multiline.continue_pattern);
  map.text("preset", multiline.preset);
  const int set = (multiline.start_pattern.empty() ? 0 : 1) + (multiline.continue_pattern.empty() ? 0 : 1) +
                  (multiline.preset.empty() ? 0 : 1);
  if (set != 1) map.complain("start_pattern", "either this, continue_pattern or preset must be set");
  if (!multiline.preset.empty() && find_preset(multiline.preset) == nullptr) {
    map.complain("preset", "\"" + multiline.preset + "\" is not one of " + preset_names());
  }
  map.duration("timeout", multiline.timeout_ns);
  map.number("max_lines", multiline.max_lines);
}

towl::Result<std::shared_ptr<const JoinRule>> JoinRule::create(const MultilineConfig& config,
                                                               const std::string& place) {
  auto rule = std::make_shared<JoinRule>();
  rule->max_lines_ = config.max_lines;
  rule->timeout_ns_ = config.timeout_ns;
  Preset preset{{}, nullptr};
  if (!config.preset.empty()) {
    const Preset* known = find_preset(config.preset);
    if (known == nullptr) {
      return towl::fail(towl::ErrorCode::invalid_argument, "multiline: the preset must be one of " + preset_names(),
                        place);
    }
    preset = *known;
  }
  rule->has_last_line_ = preset.has_last_line;
  rule->goes_on_after_backslash_ = preset.goes_on_after_backslash;
  const auto set = [&](Expression& to, const std::string& pattern) -> towl::Result<void> {
    if (pattern.empty()) return {};
    auto compiled = compile(pattern, place);
    if (!compiled) return towl::fail(std::move(compiled.error()));
    to = std::move(*compiled);
    return {};
  };
  const auto text = [](const char* pattern) { return std::string(pattern != nullptr ? pattern : ""); };
  auto done = set(rule->begins_, config.start_pattern);
  if (done) done = set(rule->continues_, preset.continues != nullptr ? preset.continues : config.continue_pattern);
  if (done) done = set(rule->opens_, text(preset.opens));
  if (done) done = set(rule->inside_, text(preset.inside));
  if (!done) return towl::fail(std::move(done.error()));
  return rule;
}

bool JoinRule::belongs(std::string_view line, State& state) const {
  if (begins_) return !matches(line, begins_);
  if (goes_on_after_backslash_) return std::exchange(state.is_to_go_on, line.ends_with('\\'));
  const bool was_in_trace = state.is_in_trace;
  if (matches(line, opens_)) {
    state.is_in_trace = true;
    return matches(line, continues_) || (was_in_trace && matches(line, inside_));
  }
  if (matches(line, continues_)) return true;
  if (!was_in_trace) return false;
  if (matches(line, inside_)) return true;
  state.is_in_trace = false;
  return has_last_line_;
}

}  // namespace towld

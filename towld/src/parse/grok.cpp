#include "parse/grok.hpp"

#include "limits/limits.hpp"

#include <optional>

namespace towld {
namespace {

bool is_pattern_name(std::string_view text) {
  for (const char c : text) {
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
  }
  return !text.empty();
}

/// %{NAME:field:type}
struct Reference {
  std::string_view name;
  std::string_view field;
  std::string_view type;
};

Reference split(std::string_view inside) {
  Reference reference;
  const auto first = inside.find(':');
  reference.name = inside.substr(0, first);
  if (first == std::string_view::npos) return reference;
  reference.field = inside.substr(first + 1);
  const auto second = reference.field.rfind(':');
  if (second == std::string_view::npos) return reference;
  reference.type = reference.field.substr(second + 1);
  reference.field = reference.field.substr(0, second);
  return reference;
}

/// Logstash writes nested fields as [http][status]; here they are http.status.
std::string field_name(std::string_view field) {
  if (!field.starts_with('[') || !field.ends_with(']')) return std::string(field);
  std::string name;
  for (const char c : field.substr(1, field.size() - 2)) {
    if (c == '[') {
      name += '.';
    } else if (c != ']') {
      name += c;
    }
  }
  return name;
}

class Expander {
 public:
  Expander(const GrokPatterns& patterns, const std::string& place) : patterns_(patterns), place_(place) {}

  towl::Result<void> expand(std::string_view pattern, int depth) {
    if (depth > kMaxGrokDepth) return fail("grok patterns are nested too deep: does one of them need itself?");
    while (!pattern.empty()) {
      const auto begin = pattern.find("%{");
      append(pattern.substr(0, begin));
      if (made_.regex.size() > kMaxPatternBytes) return fail("the grok pattern becomes too long");
      if (begin == std::string_view::npos) return {};
      const auto end = pattern.find('}', begin);
      if (end == std::string_view::npos) return fail("a %{ in a grok pattern has no }");
      if (auto done = refer(split(pattern.substr(begin + 2, end - begin - 2)), depth); !done) return done;
      pattern.remove_prefix(end + 1);
    }
    return {};
  }

  GrokExpression take() { return std::move(made_); }

 private:
  towl::Result<void> fail(std::string message) const {
    return towl::fail(towl::ErrorCode::invalid_argument, std::move(message), place_);
  }

  towl::Result<void> refer(const Reference& reference, int depth) {
    const auto found = patterns_.find(reference.name);
    if (found == patterns_.end()) {
      return fail("there is no grok pattern " + std::string(reference.name) + ": define it under `patterns`");
    }
    if (!reference.type.empty() && reference.type != "int" && reference.type != "float" && reference.type != "string") {
      return fail("%{" + std::string(reference.name) + "}: the type must be int, float or string");
    }
    if (reference.field.empty()) {
      made_.regex += "(?:";
    } else {
      made_.groups.push_back(
          {++groups_, field_name(reference.field), reference.type == "int" || reference.type == "float"});
      made_.regex += "(";
    }
    if (auto done = expand(found->second, depth + 1); !done) return done;
    made_.regex += ")";
    return {};
  }

  /// Appends what is a regular expression already, and counts its own groups: (?P<name>…) and (?<name>…) become
  /// fields, plain ones are only counted. Atomic ones, (?>…), are plain ones that keep others from trying for long: here
  /// nothing does.
  void append(std::string_view regex) {
    bool in_class = false;
    for (std::size_t i = 0; i < regex.size(); ++i) {
      const char c = regex[i];
      if (c == '\\' && i + 1 < regex.size()) {
        made_.regex += c;
        made_.regex += regex[++i];
        continue;
      }
      if (c == '[' && !in_class) {
        in_class = true;
        made_.regex += c;
        // A ] that comes first belongs to the class.
        if (i + 1 < regex.size() && regex[i + 1] == '^') made_.regex += regex[++i];
        if (i + 1 < regex.size() && regex[i + 1] == ']') made_.regex += regex[++i];
        continue;
      }
      if (c == ']') in_class = false;
      if (c == '(' && !in_class) {
        i += open_group(regex.substr(i));
        continue;
      }
      made_.regex += c;
    }
  }

  /// Appends what opens the group that `regex` begins with; returns how many bytes it has after the first.
  std::size_t open_group(std::string_view regex) {
    for (const std::string_view opening : {std::string_view("(?P<"), std::string_view("(?<")}) {
      const auto end = regex.find('>');
      if (!regex.starts_with(opening) || end == std::string_view::npos) continue;
      const std::string_view name = regex.substr(opening.size(), end - opening.size());
      const bool is_nested = name.starts_with('[') && name.ends_with(']');
      if (!is_pattern_name(name) && !is_nested) continue;
      made_.groups.push_back({++groups_, field_name(name), false});
      made_.regex += '(';
      return end;
    }
    constexpr std::string_view kAtomic = "(?>";
    if (regex.starts_with(kAtomic)) {
      made_.regex += "(?:";
      return kAtomic.size() - 1;
    }
    if (!regex.starts_with("(?")) ++groups_;
    made_.regex += '(';
    return 0;
  }

  const GrokPatterns& patterns_;
  const std::string& place_;
  GrokExpression made_;
  int groups_ = 0;
};

}  // namespace

towl::Result<void> read_grok_patterns(std::string_view text, const std::string& file, GrokPatterns& patterns) {
  constexpr std::string_view kBlanks = " \t\r";
  for (int number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    const auto begin = line.find_first_not_of(kBlanks);
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    line.remove_prefix(begin);
    const auto blank = line.find_first_of(kBlanks);
    const auto pattern = blank == std::string_view::npos ? blank : line.find_first_not_of(kBlanks, blank);
    if (pattern == std::string_view::npos || !is_pattern_name(line.substr(0, blank))) {
      return towl::fail(towl::ErrorCode::invalid_argument, "expected NAME PATTERN",
                        file + ":" + std::to_string(number));
    }
    patterns.insert_or_assign(std::string(line.substr(0, blank)), std::string(line.substr(pattern)));
  }
  return {};
}

towl::Result<GrokExpression> expand_grok(std::string_view pattern, const GrokPatterns& patterns,
                                         const std::string& place) {
  Expander expander(patterns, place);
  if (auto done = expander.expand(pattern, 0); !done) return towl::fail(std::move(done.error()));
  return expander.take();
}

}  // namespace towld

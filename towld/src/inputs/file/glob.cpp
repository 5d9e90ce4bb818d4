#include "inputs/file/glob.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace towld {
namespace {

constexpr std::string_view kSpecial = "*?[{\\";

/// Appends what one character stands for.
void append_literal(char c, std::string& to) { to += re2::RE2::QuoteMeta(std::string_view(&c, 1)); }

/// Appends a class like [a-z] or [!0-9] that begins at `at`; returns where it ends, or npos if it does not.
std::size_t append_class(std::string_view name, std::size_t at, std::string& to) {
  std::size_t i = at + 1;
  std::string inner;
  bool negated = false;
  if (i < name.size() && (name[i] == '!' || name[i] == '^')) {
    negated = true;
    ++i;
  }
  for (const std::size_t first = i; i < name.size() && (name[i] != ']' || i == first); ++i) {
    if (name[i] == '\\' || name[i] == ']' || name[i] == '[' || name[i] == '^') inner += '\\';
    inner += name[i];
  }
  if (i >= name.size()) return std::string_view::npos;
  to += negated ? "[^/" : "[";
  to += inner + "]";
  return i;
}

/// The regular expression of one name; empty if the pattern makes no sense.
std::string expression_of(std::string_view name) {
  std::string expression;
  int braces = 0;
  for (std::size_t i = 0; i < name.size(); ++i) {
    switch (name[i]) {
      case '*':
        expression += "[^/]*";
        break;
      case '?':
        expression += "[^/]";
        break;
      case '[':
        i = append_class(name, i, expression);
        if (i == std::string_view::npos) return {};
        break;
      case '{':
        expression += "(?:";
        ++braces;
        break;
      case '}':
        expression += braces > 0 ? ")" : "\\}";
        if (braces > 0) --braces;
        break;
      case ',':
        expression += braces > 0 ? "|" : ",";
        break;
      case '\\':
        if (i + 1 < name.size()) ++i;
        append_literal(name[i], expression);
        break;
      default:
        append_literal(name[i], expression);
    }
  }
  return braces == 0 ? expression : std::string();
}

towl::Result<std::shared_ptr<const re2::RE2>> compile(std::string_view pattern, const std::string& expression) {
  re2::RE2::Options options(re2::RE2::Latin1);  // File names are bytes.
  options.set_log_errors(false);
  auto compiled = std::make_shared<const re2::RE2>("(?s)" + expression, options);
  if (!expression.empty() && compiled->ok()) return compiled;
  return towl::fail(towl::ErrorCode::invalid_argument,
                    "the pattern \"" + std::string(pattern) + "\" makes no sense: is a bracket or brace not closed?");
}

std::vector<std::string_view> names_of(std::string_view path) {
  std::vector<std::string_view> names;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (end > begin && path.substr(begin, end - begin) != ".") names.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return names;
}

std::string absolute(std::string_view pattern, const std::filesystem::path& folder) {
  if (pattern.starts_with('/')) return std::string(pattern);
  return folder.string() + "/" + std::string(pattern);
}

/// The regular expression of a whole path.
std::string path_expression_of(std::string_view path) {
  std::string expression;
  for (const std::string_view name : names_of(path)) {
    if (name == "**") {
      expression += "(?:/[^/]+)*";
      continue;
    }
    const std::string part = expression_of(name);
    if (part.empty()) return {};
    expression += "/" + part;
  }
  return expression;
}

}  // namespace

bool Glob::Step::matches(std::string_view candidate) const {
  if (!literal.empty()) return candidate == literal;
  if (candidate.starts_with('.') && !takes_dot) return false;
  return any_folders || re2::RE2::FullMatch(candidate, *name);
}

towl::Result<Glob> Glob::parse(std::string_view pattern, const std::filesystem::path& folder) {
  Glob glob;
  const std::string whole = absolute(pattern, folder);
  const auto names = names_of(whole);
  if (names.empty() || whole.ends_with('/')) {
    return towl::fail(towl::ErrorCode::invalid_argument, "\"" + std::string(pattern) + "\" names no file");
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string name(names[i]);
    const bool literal = name.find_first_of(kSpecial) == std::string::npos;
    if (literal && glob.steps_.empty() && i + 1 < names.size()) {
      glob.base_ += "/" + name;
      continue;
    }
    Step step;
    if (literal) {
      step.literal = name;
    } else if (name == "**") {
      if (!glob.steps_.empty() && glob.steps_.back().any_folders) continue;
      step.any_folders = true;
    } else {
      auto compiled = compile(pattern, expression_of(name));
      if (!compiled) return towl::fail(std::move(compiled.error()));
      step.name = std::move(*compiled);
      step.takes_dot = name.starts_with('.');
    }
    glob.steps_.push_back(std::move(step));
  }
  if (glob.steps_.back().any_folders) {  // "/var/log/**": every file below.
    glob.steps_.push_back({.name = std::make_shared<const re2::RE2>("(?s).*", re2::RE2::Latin1)});
  }
  if (glob.base_.empty()) glob.base_ = "/";
  return glob;
}

namespace {

/// Paths have few names, so that trying each place for `**` is cheap.
bool match_steps(std::span<const Glob::Step> steps, std::span<const std::string_view> names) {
  if (steps.empty()) return names.empty();
  if (!steps.front().any_folders) {
    return !names.empty() && steps.front().matches(names.front()) && match_steps(steps.subspan(1), names.subspan(1));
  }
  if (match_steps(steps.subspan(1), names)) return true;
  return !names.empty() && steps.front().matches(names.front()) && match_steps(steps, names.subspan(1));
}

}  // namespace

bool Glob::matches(std::string_view path) const {
  const auto base = names_of(base_);
  const auto names = names_of(path);
  if (names.size() < base.size() || !std::equal(base.begin(), base.end(), names.begin())) return false;
  return match_steps(steps_, std::span(names).subspan(base.size()));
}

towl::Result<Exclusions> Exclusions::parse(const std::vector<std::string>& patterns,
                                           const std::filesystem::path& folder) {
  Exclusions exclusions;
  for (const std::string& pattern : patterns) {
    const bool whole_path = pattern.find('/') != std::string::npos;
    auto compiled =
        compile(pattern, whole_path ? path_expression_of(absolute(pattern, folder)) : expression_of(pattern));
    if (!compiled) return towl::fail(std::move(compiled.error()));
    exclusions.patterns_.push_back({std::move(*compiled), whole_path});
  }
  return exclusions;
}

bool Exclusions::match(const std::string& path) const {
  for (const Pattern& pattern : patterns_) {
    const std::string_view subject =
        pattern.whole_path ? std::string_view(path) : std::string_view(path).substr(path.rfind('/') + 1);
    if (re2::RE2::FullMatch(subject, *pattern.expression)) return true;
  }
  return false;
}

}  // namespace towld

#include "commands/include_pattern.hpp"

#include <cstddef>
#include <string>

namespace towlctl {
namespace {

class Match {
 public:
  explicit Match(std::string_view path) : begin_(path.data()) {}

  bool at(std::string_view pattern, std::string_view path) {
    if (++steps_ > kMostSteps) return false;
    if (pattern.empty()) return path.empty();
    if (pattern.starts_with("**")) return any_folders(pattern.substr(2), path);
    if (is_hidden(path) && std::string_view("*?[{").find(pattern.front()) != std::string_view::npos) return false;
    switch (pattern.front()) {
      case '*':
        if (at(pattern.substr(1), path)) return true;
        return !path.empty() && path.front() != '/' && at(pattern, path.substr(1));
      case '?':
        return !path.empty() && path.front() != '/' && at(pattern.substr(1), path.substr(1));
      case '[':
        return one_of(pattern, path);
      case '{':
        return alternatives(pattern, path);
      case '\\':
        if (pattern.size() > 1) pattern.remove_prefix(1);
        break;
      default:
        break;
    }
    return !path.empty() && path.front() == pattern.front() && at(pattern.substr(1), path.substr(1));
  }

 private:
  static constexpr std::size_t kMostSteps = 100'000;

  /// A name that begins with a dot, which only a dot in the pattern matches.
  bool is_hidden(std::string_view path) const {
    return path.starts_with('.') && (path.data() == begin_ || path.data()[-1] == '/');
  }

  bool any_folders(std::string_view rest, std::string_view path) {
    if (rest.starts_with('/') && at(rest.substr(1), path)) return true;
    for (std::size_t i = 0; i <= path.size(); ++i) {
      if (at(rest, path.substr(i))) return true;
      if (is_hidden(path.substr(i))) return false;
    }
    return false;
  }

  bool one_of(std::string_view pattern, std::string_view path) {
    const auto end = pattern.find(']', 2);
    if (end == std::string_view::npos || path.empty() || path.front() == '/') return false;
    std::string_view inside = pattern.substr(1, end - 1);
    const bool negated = inside.starts_with('!') || inside.starts_with('^');
    if (negated) inside.remove_prefix(1);
    bool found = false;
    for (std::size_t i = 0; i < inside.size(); ++i) {
      const bool is_range = i + 2 < inside.size() && inside[i + 1] == '-';
      found =
          found || (is_range ? path.front() >= inside[i] && path.front() <= inside[i + 2] : path.front() == inside[i]);
      if (is_range) i += 2;
    }
    return found != negated && at(pattern.substr(end + 1), path.substr(1));
  }

  bool alternatives(std::string_view pattern, std::string_view path) {
    const auto end = pattern.find('}');
    if (end == std::string_view::npos) return false;
    std::string_view inside = pattern.substr(1, end - 1);
    for (;;) {
      const auto comma = inside.find(',');
      if (at(std::string(inside.substr(0, comma)) + std::string(pattern.substr(end + 1)), path)) return true;
      if (comma == std::string_view::npos) return false;
      inside.remove_prefix(comma + 1);
    }
  }

  const char* begin_;
  std::size_t steps_ = 0;
};

}  // namespace

bool include_matches(std::string_view pattern, std::string_view path) { return Match(path).at(pattern, path); }

}  // namespace towlctl

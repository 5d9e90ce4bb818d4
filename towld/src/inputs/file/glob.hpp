// Glob is a pattern for paths: `*`, `?`, `[a-z]` and `{a,b}` within a name, `**` for any number of folders.
//
// Names that begin with a dot are matched only if the pattern has the dot, as in shells. A backslash takes the
// character after it as it is. Matching takes linear time whatever the pattern and the name (RE2).
// Threads: any; it does not change.
#pragma once

#include <re2/re2.h>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "towl/result.hpp"

namespace towld {

class Glob {
 public:
  /// One name of the pattern's path.
  struct Step {
    std::string literal = {};                   ///< The name itself; empty: a pattern.
    std::shared_ptr<const re2::RE2> name = {};  ///< What names must match.
    bool any_folders = false;                   ///< `**`
    bool takes_dot = false;                     ///< The pattern begins with a dot.

    bool matches(std::string_view candidate) const;
  };

  /// A relative pattern begins in `folder`. Errors: invalid_argument.
  static towl::Result<Glob> parse(std::string_view pattern, const std::filesystem::path& folder);

  /// Whether the pattern matches this absolute path.
  bool matches(std::string_view path) const;

  /// Where the search begins: the names before the first pattern, e.g. "/var/log".
  const std::string& base() const { return base_; }
  /// What follows after it; not empty.
  const std::vector<Step>& steps() const { return steps_; }

 private:
  std::string base_;
  std::vector<Step> steps_;
};

/// What is not to be read: patterns of whole paths or, if they have no slash, of the last name.
class Exclusions {
 public:
  static towl::Result<Exclusions> parse(const std::vector<std::string>& patterns, const std::filesystem::path& folder);
  bool match(const std::string& path) const;

 private:
  struct Pattern {
    std::shared_ptr<const re2::RE2> expression;
    bool whole_path;
  };
  std::vector<Pattern> patterns_;
};

}  // namespace towld

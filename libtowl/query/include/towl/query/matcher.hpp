// Matcher finds patterns in an entry's text: grep's -e, -F, -i, -w, -x.
//
// Literal patterns are searched with memmem; regular expressions run in linear time (RE2), so that no pattern
// can hang its user. A text of several lines is matched line by line: `^` and `$` are a line's ends, `.` does not match
// the newline.
//
// Encoding: patterns and texts are UTF-8. In a text that is not, literal bytes are still found, but `.` and classes
//           match only whole characters. If one pattern is not UTF-8, it and all other patterns are taken byte for
//           byte.
// Words:    letters and digits of all scripts, and `_`: for -w, `\<`, `\>`, `\b`, `\w` and POSIX classes. Bytes that
//           are not part of a character are in no word.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towl {

struct MatchOptions {
  bool fixed = false;        ///< Patterns are plain text, not regular expressions.
  bool ignore_case = false;  ///< ASCII and Unicode letters match in either case.
  bool word = false;         ///< The match must not touch a word character (letter, digit, `_`) on either side.
  bool whole = false;        ///< The match must be the whole text.

  friend bool operator==(const MatchOptions&, const MatchOptions&) = default;
};

/// Where a match is in the text in which it was found.
struct MatchSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Any number of patterns; one of them must match. Movable; const calls from any thread.
class Matcher {
 public:
  /// Errors: invalid_argument with RE2's reason. An empty list matches nothing; an empty pattern matches everything.
  static Result<Matcher> create(std::span<const std::string> patterns, const MatchOptions& options = {});

  Matcher(Matcher&&) noexcept;
  Matcher& operator=(Matcher&&) noexcept;
  ~Matcher();

  bool matches(std::string_view text) const;

  /// The leftmost match at or after `from`; of several there, the longest. May be empty.
  std::optional<MatchSpan> find(std::string_view text, std::size_t from = 0) const;

 private:
  class Impl;
  explicit Matcher(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl

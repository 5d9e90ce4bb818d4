// Matcher finds patterns in an entry's text: grep's -e, -F, -i, -w, -x.
//
// Literal patterns are searched with memmem; regular expressions run in linear time (RE2), so that no pattern
// can hang its user. A text of several lines is matched line by line: `^` and `$` are a line's ends, `.` does not match
// the newline.
//
// Encoding: patterns and texts are UTF-8. In a text that is not, literal bytes are found all the same, but `.` and
//           classes match whole characters alone. A pattern that is not UTF-8 is taken byte for byte, and so are then
//           all patterns beside it.
// Words:    letters and digits of all scripts, and `_`, for -w, `\<`, `\>`, `\b`, `\w` and POSIX classes alike. Bytes
//           that are no character are in no word.
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

/// Where a match lies in the text it was found in.
struct MatchSpan {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Any number of patterns, of which one must match. Movable; const calls from any thread.
class Matcher {
 public:
  /// Errors: invalid_argument with RE2's reason. No pattern at all matches nothing; an empty one matches everything.
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

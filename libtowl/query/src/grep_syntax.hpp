// Translates grep's patterns for RE2, and finds what every matching text must contain.
//
// RE2's own syntax is taken as it is, with these additions: `\<` and `\>` are the beginning and the end of a word; `\w`,
// `\b` and POSIX classes ([[:alpha:]]) know letters and digits of all scripts, as grep does in a UTF-8 locale.
//
// RE2 has no such boundaries: its `\b` is ASCII's, and it has no lookahead. Texts for which that matters are *marked*:
// a mark between each two characters says what kind of place it is, and the pattern reads the marks. marked_pattern()
// and MarkedText belong together.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/query/matcher.hpp"
#include "word_characters.hpp"

namespace towl::detail {

/// Whether a regular expression means just its own bytes.
inline bool is_plain_pattern(std::string_view pattern) {
  return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos;
}

/// Bytes that are together in every text that matches.
struct LiteralRun {
  std::string text;
  bool begins_word = false;  ///< No letter, digit or `_` of ASCII comes before it …
  bool ends_word = false;    ///< … or after it.
};

/// Those of a pattern; none if nothing is known. For alternatives (`a|b`) there are none.
std::vector<LiteralRun> literal_runs(std::string_view pattern, const MatchOptions& options);

/// Bytes that are together in every text that matches; each byte is one of a set.
struct ByteRun {
  std::vector<std::bitset<256>> sets = {};  ///< At most 64.
  bool is_all = false;                      ///< Each text that has them matches.
};

/// The run of a pattern that rules out most; without sets if nothing is known.
ByteRun byte_run(std::string_view pattern, const MatchOptions& options);

/// How much a run rules out, in bits of information, if all bytes were equally frequent in texts.
double bits_of(const ByteRun& run);

/// A pattern as RE2 takes it.
struct Translated {
  std::string pattern;
  bool has_boundaries = false;  ///< It has word boundaries, which are ASCII's in `pattern` …
  bool needs_marks = false;     ///< … and some that RE2 does not have even for ASCII.
};

/// For texts that are not marked. An invalid pattern stays as it is: RE2 says what is wrong.
Translated translate(std::string_view pattern);

/// For MarkedText; nullopt if that is not possible.
std::optional<std::string> marked_pattern(std::string_view pattern);

/// A marked pattern that touches no word character outside, as a group.
std::string marked_word(const std::string& marked);

/// A text with marks.
class MarkedText {
 public:
  MarkedText(std::string_view text, const WordCharacters& words);

  std::string_view bytes() const { return bytes_; }
  /// Where the mark for the place before the text's byte `at` is, or for the next place that has one.
  std::size_t mark_of(std::size_t at) const;
  /// The text's byte that belongs to a place in bytes().
  std::size_t place_of(std::size_t mark) const;

 private:
  struct Place {
    std::uint32_t mark;
    std::uint32_t at;
  };
  std::string bytes_;
  std::vector<Place> places_;
};

}  // namespace towl::detail

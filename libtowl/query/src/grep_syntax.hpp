// What grep's users write, as RE2 reads it, and what must stand in every text that matches.
//
// RE2's own syntax is taken as it is, with these additions: `\<` and `\>` are the beginning and the end of a word; `\w`,
// `\b` and POSIX classes ([[:alpha:]]) know letters and digits of all scripts, as grep does in a UTF-8 locale.
//
// RE2 has no such boundaries: its `\b` is ASCII's, and nothing in it looks ahead. Texts where that matters are *marked*: at
// each place between two characters stands what kind of a place it is, and the pattern reads that; marked_pattern() and
// MarkedText are made for each other.
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

/// Bytes that stand together in every text that matches.
struct LiteralRun {
  std::string text;
  bool begins_word = false;  ///< No letter, digit or `_` of ASCII comes before it …
  bool ends_word = false;    ///< … or after it.
};

/// Of a pattern; none where nothing can be said. Of alternatives (`a|b`) nothing is said.
std::vector<LiteralRun> literal_runs(std::string_view pattern, const MatchOptions& options);

/// Bytes that stand together in every text that matches, each one of a set.
struct ByteRun {
  std::vector<std::bitset<256>> sets = {};  ///< At most 64.
  bool is_all = false;                      ///< Each text that has them matches.
};

/// The run of a pattern that most rules out; without sets where nothing can be said.
ByteRun byte_run(std::string_view pattern, const MatchOptions& options);

/// How much a run rules out: bits of information, of texts in which all bytes came equally often.
double bits_of(const ByteRun& run);

/// A pattern as RE2 takes it.
struct Translated {
  std::string pattern;
  bool has_boundaries = false;  ///< It has word boundaries, which are ASCII's in `pattern` …
  bool needs_marks = false;     ///< … and some that RE2 has not even for ASCII.
};

/// For texts that are not marked. What is no pattern stays as it is: RE2 says what is wrong.
Translated translate(std::string_view pattern);

/// For MarkedText; nullopt where that cannot be.
std::optional<std::string> marked_pattern(std::string_view pattern);

/// A marked pattern that touches no word character outside, as a group.
std::string marked_word(const std::string& marked);

/// A text with marks.
class MarkedText {
 public:
  MarkedText(std::string_view text, const WordCharacters& words);

  std::string_view bytes() const { return bytes_; }
  /// Where the mark for the place before the text's byte `at` stands, or the next place that has one.
  std::size_t mark_of(std::size_t at) const;
  /// The text's byte that a place in bytes() stands for.
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

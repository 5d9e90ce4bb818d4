// Phrase finds a word, or several in a row, with no letter, digit or `_` next to them.
//
// Threads: any; it does not change.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "towl/query/expression.hpp"
#include "towl/result.hpp"
#include "word_characters.hpp"

namespace towl::detail {

class Phrase {
 public:
  /// Errors: invalid_argument: the phrase is too long for a search that ignores case.
  static Result<Phrase> create(const PhraseTest& test);

  /// Where the first one at or after `from` ends; npos for none. An empty phrase is found only in an empty text, an
  /// empty prefix in any text that is not empty.
  std::size_t find(std::string_view text, std::size_t from = 0) const;

 private:
  Phrase(PhraseTest test, std::optional<Matcher> in_any_case);
  std::optional<MatchSpan> next(std::string_view text, std::size_t from) const;

  PhraseTest test_;
  std::optional<Matcher> in_any_case_;
  std::unique_ptr<WordCharacters> words_;
  bool begins_with_word_ = false;
  bool ends_with_word_ = false;
};

}  // namespace towl::detail

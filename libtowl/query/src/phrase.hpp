// Phrase finds a word, or several, that touch no letter, digit or `_` on the outside.
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
  /// Errors: invalid_argument: the phrase is too long to be looked for in any case.
  static Result<Phrase> create(const PhraseTest& test);

  /// Where the first one at or after `from` ends; npos for none. An empty phrase is found in an empty text alone, an empty
  /// prefix in any that is not empty.
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

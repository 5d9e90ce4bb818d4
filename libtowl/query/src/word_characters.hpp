// Which characters make words: letters and digits of all scripts, and `_`. Bytes that are no character do not.
//
// Threads: any; it does not change.
#pragma once

#include <string_view>

#include "lazy_expression.hpp"

namespace towl::detail {

class WordCharacters {
 public:
  WordCharacters();

  /// `character` is one, as character_at() gives them.
  bool contains(std::string_view character) const;

  /// Whether there is one that ends at `at`, or begins there.
  bool is_before(std::string_view text, std::size_t at) const;
  bool is_at(std::string_view text, std::size_t at) const;

 private:
  LazyExpression letter_;  // RE2 has the tables of Unicode.
};

}  // namespace towl::detail

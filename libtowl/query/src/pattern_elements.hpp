// The elements of a regular expression in RE2's syntax (https://github.com/google/re2/wiki/Syntax), one after another.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace towl::detail {

enum class ElementKind {
  literal,      ///< One character: `text`, without the backslash that may come before it.
  any,          ///< .
  set,          ///< [ … ], or \d, \pL …
  line_begin,   ///< ^
  line_end,     ///< $
  text_begin,   ///< \A
  text_end,     ///< \z
  word_begin,   ///< \<
  word_end,     ///< \>
  boundary,     ///< \b
  no_boundary,  ///< \B
  open,         ///< ( with what belongs to it: "(?:"
  close,        ///< )
  alternative,  ///< |
  repetition,   ///< * + ? {2,3}, with the ? that makes it lazy
  flags,        ///< (?i)
  other,        ///< What is none of these: \C, \x41 …
};

struct Element {
  ElementKind kind;
  std::string_view text;     ///< As it is written; for a literal, the character that it means.
  bool is_optional = false;  ///< Of a repetition: it may occur zero times.
};

/// nullopt if the pattern ends within an element.
std::optional<std::vector<Element>> elements_of(std::string_view pattern);

}  // namespace towl::detail

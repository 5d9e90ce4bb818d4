#include "towl/required_words.hpp"

#include "matcher_literal.hpp"
#include "v2/token_filter.hpp"

namespace towl {
namespace {

using detail::v2::is_token_byte;

// In either case, letters that are not ASCII match these: U+017F is an s, U+212A a k. A text may have them instead.
bool has_unicode_twin(std::string_view word) { return word.find_first_of("kKsS") != std::string_view::npos; }

std::vector<std::string> words_of(std::string_view literal, const MatchOptions& options) {
  const bool bounded_ends = options.word || options.whole;
  std::vector<std::string> words;
  detail::v2::each_token(literal, [&](std::string_view token) {
    const bool at_begin = token.data() == literal.data();
    const bool at_end = token.data() + token.size() == literal.data() + literal.size();
    if ((at_begin || at_end) && !bounded_ends) return;
    if (options.ignore_case && has_unicode_twin(token)) return;
    words.emplace_back(token);
  });
  return words;
}

}  // namespace

std::vector<std::vector<std::string>> required_words(std::span<const std::string> patterns,
                                                     const MatchOptions& options) {
  std::vector<std::vector<std::string>> alternatives;
  for (const std::string& pattern : patterns) {
    if (!options.fixed && !detail::is_literal(pattern)) return {};
    auto words = words_of(pattern, options);
    if (words.empty()) return {};
    alternatives.push_back(std::move(words));
  }
  return alternatives;
}

}  // namespace towl

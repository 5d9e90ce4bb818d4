#include "phrase.hpp"

#include <array>
#include <utility>

#include "utf8.hpp"

namespace towl::detail {

Phrase::Phrase(PhraseTest test, std::optional<Matcher> in_any_case)
    : test_(std::move(test)), in_any_case_(std::move(in_any_case)), words_(std::make_unique<WordCharacters>()) {
  if (test_.text.empty()) return;
  begins_with_word_ = words_->is_at(test_.text, 0);
  ends_with_word_ = !test_.is_prefix && words_->is_before(test_.text, test_.text.size());
}

Result<Phrase> Phrase::create(const PhraseTest& test) {
  std::optional<Matcher> matcher;
  if (test.ignore_case && !test.text.empty()) {
    const std::array<std::string, 1> patterns = {test.text};
    auto made = Matcher::create(patterns, {.fixed = true, .ignore_case = true});
    if (!made) return fail(std::move(made.error()));
    matcher = std::move(*made);
  }
  return Phrase(test, std::move(matcher));
}

std::optional<MatchSpan> Phrase::next(std::string_view text, std::size_t from) const {
  if (in_any_case_) return in_any_case_->find(text, from);
  const std::size_t at = text.find(test_.text, from);
  if (at == std::string_view::npos) return std::nullopt;
  return MatchSpan{at, at + test_.text.size()};
}

std::size_t Phrase::find(std::string_view text, std::size_t from) const {
  if (test_.text.empty()) return text.empty() != test_.is_prefix ? text.size() : std::string_view::npos;
  for (auto span = next(text, from); span; span = next(text, span->begin + 1)) {
    if (begins_with_word_ && words_->is_before(text, span->begin)) continue;
    if (ends_with_word_ && words_->is_at(text, span->end)) continue;
    return span->end;
  }
  return std::string_view::npos;
}

}  // namespace towl::detail

#include "word_columns.hpp"

#include <algorithm>

#include "v2/column_writer.hpp"

namespace towl::detail {
namespace {

bool is_word(std::string_view value) {
  return !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  });
}

}  // namespace

void WordColumns::begin(v2::TextDecoder& texts, const std::vector<bool>& says_little) {
  texts_ = &texts;
  plans_.clear();
  words_.clear();
  words_of_column_.assign(texts.columns(), kUnknown);
  if (std::find(says_little.begin(), says_little.end(), true) == says_little.end()) return;
  plans_.resize(texts.templates());
  for (std::size_t number = 0; number < texts.templates(); ++number) {
    if (says_little[number] && texts.uses(number) > 0) choose(number);
  }
  if (words_.empty()) {
    plans_.clear();
    return;
  }
  // Other templates, and other pieces of these, have values of the same columns.
  for (std::size_t number = 0; number < texts.templates(); ++number) {
    Plan& plan = plans_[number];
    const auto pieces = texts.pieces(number);
    for (std::uint32_t i = 0; i < pieces.size(); ++i) {
      if (!pieces[i].has_column() || words_of_column_[pieces[i].column] >= kNone) continue;
      const bool is_known =
          std::any_of(plan.uses.begin(), plan.uses.end(), [&](const Use& use) { return use.piece == i; });
      if (!is_known) plan.uses.push_back({words_of_column_[pieces[i].column], i, false});
    }
    std::sort(plan.uses.begin(), plan.uses.end(), [](const Use& a, const Use& b) { return a.piece < b.piece; });
  }
}

// Its columns of words, as many as make no more than kMostKinds kinds; those with the fewest words first.
void WordColumns::choose(std::size_t number) {
  Plan& plan = plans_[number];
  const auto pieces = texts_->pieces(number);
  std::vector<Use> uses;
  for (std::uint32_t i = 0; i < pieces.size(); ++i) {
    if (!pieces[i].has_column()) continue;
    const std::uint32_t words = words_of(pieces[i].column);
    if (words < kNone) uses.push_back({words, i, true});
  }
  std::stable_sort(uses.begin(), uses.end(), [&](const Use& a, const Use& b) {
    return words_[a.words].words.size() < words_[b.words].words.size();
  });
  for (const Use& use : uses) {
    const std::size_t kinds = plan.kinds * words_[use.words].words.size();
    if (kinds > kMostKinds) break;
    plan.kinds = kinds;
    plan.uses.push_back(use);
  }
}

std::uint32_t WordColumns::words_of(std::uint32_t column) {
  std::uint32_t& known = words_of_column_[column];
  if (known != kUnknown) return known;
  known = kNone;
  if (texts_->column(column).kind != v2::ColumnKind::dictionary) return known;
  Words words{.words = texts_->distinct(column), .places = {}};
  const auto is_other = [&](const v2::Ref& ref) { return !is_word(texts_->at(ref)); };
  if (words.words.empty() || words.words.size() > kMostKinds ||
      std::any_of(words.words.begin(), words.words.end(), is_other)) {
    return known;
  }
  if (words.words.size() > 1) {
    words.places = texts_->places(column);
    if (words.places.empty()) return known;
  }
  words_.push_back(words);
  return known = static_cast<std::uint32_t>(words_.size() - 1);
}

std::size_t WordColumns::next(std::size_t number) {
  if (plans_.empty()) return 0;
  std::size_t kind = 0;
  for (const Use& use : plans_[number].uses) {
    Words& words = words_[use.words];
    const std::size_t at = words.next++;
    if (!use.counts) continue;
    const std::size_t place = at < words.places.size() ? static_cast<std::size_t>(words.places[at]) : 0;
    kind = kind * words.words.size() + std::min(place, words.words.size() - 1);
  }
  return kind;
}

std::optional<std::string_view> WordColumns::word(std::size_t number, std::size_t kind, std::size_t piece) const {
  if (plans_.empty()) return std::nullopt;
  const auto& uses = plans_[number].uses;
  for (auto use = uses.rbegin(); use != uses.rend(); ++use) {
    if (!use->counts) continue;
    const auto& words = words_[use->words].words;
    if (use->piece == piece) return texts_->at(words[kind % words.size()]);
    kind /= words.size();
  }
  return std::nullopt;
}

}  // namespace towl::detail

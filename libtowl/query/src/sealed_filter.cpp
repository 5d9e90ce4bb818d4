#include "sealed_filter.hpp"

#include <algorithm>
#include <utility>

#include "grep_syntax.hpp"
#include "known.hpp"
#include "test_filter.hpp"
#include "value_test.hpp"

namespace towl::detail {
namespace {

using Kind = Expression::Kind;
using SealedFilters = std::vector<std::unique_ptr<SealedFilter>>;

/// More literals than this are found faster in the texts.
constexpr std::size_t kMostLiterals = 16;

/// In most columns, literals of this length are found no faster than runs of sets that rule out more.
constexpr std::size_t kLongLiteral = 4;
/// A run of sets that rules out less than this is in most texts.
constexpr double kFewBits = 16;

/// One of these must be in each text that passes.
struct WantedBytes {
  std::vector<LiteralBits> literals = {};
  bool is_exact = false;  ///< A text that has one passes …
  bool is_word = false;   ///< … or would, with one that is bounded as a word.
};

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return text;
}

// Whether a text has the literal as a word if no letter, digit or `_` is next to it.
bool is_word_literal(const std::string& literal) {
  return !SealedTexts::is_bound(literal.front()) && !SealedTexts::is_bound(literal.back()) &&
         static_cast<unsigned char>(literal.front()) < 0x80 && static_cast<unsigned char>(literal.back()) < 0x80;
}

// For each pattern a literal, or a run of sets if that says more. Nothing if one of the patterns has neither.
WantedBytes wanted_of(const PatternTest& test) {
  WantedBytes wanted{.literals = {}, .is_exact = true, .is_word = true};
  for (const std::string& pattern : test.patterns) {
    const PatternTest one{{pattern}, test.options};
    const Literals literals = required_literals(one);
    const bool is_literal = is_literal_test(one);
    const std::size_t length = literals.literals.empty() ? 0 : literals.literals.front().size();
    if (!is_literal && length < kLongLiteral) {
      const ByteRun run = byte_run(pattern, test.options);
      if (bits_of(run) >= std::max(kFewBits, 8.0 * static_cast<double>(length))) {
        wanted.literals.emplace_back(run.sets);
        wanted.is_exact = wanted.is_exact && run.is_all;
        wanted.is_word = false;
        continue;
      }
    }
    if (length == 0) return {};
    const std::string& literal = literals.literals.front();
    wanted.literals.emplace_back(literals.ignore_case ? lowered(literal) : literal, literals.ignore_case);
    wanted.is_exact = wanted.is_exact && is_literal;
    wanted.is_word = wanted.is_word && test.options.word && !test.options.ignore_case && !test.options.whole &&
                     literal == pattern && (test.options.fixed || is_plain_pattern(pattern)) &&
                     is_word_literal(literal);
  }
  return wanted;
}

WantedBytes wanted_of(const Field& field, const Test& test) {
  const bool is_whole_text = field.kind == FieldKind::message || field.kind == FieldKind::raw;
  const auto* const patterns = std::get_if<PatternTest>(&test);
  if (is_whole_text && patterns != nullptr) return wanted_of(*patterns);
  const Literals literals = literals_for(field, test);
  WantedBytes wanted{.literals = {}, .is_exact = is_whole_text && is_literal_test(test)};
  const auto* const phrase = std::get_if<PhraseTest>(&test);
  wanted.is_word = is_whole_text && phrase != nullptr && !phrase->is_prefix && !phrase->ignore_case &&
                   literals.literals == std::vector{phrase->text} && is_word_literal(phrase->text);
  for (const std::string& literal : literals.literals) {
    wanted.literals.emplace_back(literals.ignore_case ? lowered(literal) : literal, literals.ignore_case);
  }
  return wanted;
}

/// Nothing is known.
class Unknown final : public SealedFilter {
 public:
  bool decide(SealedBatch&, TextRows& rows) const override {
    rows.may.invert();
    return true;
  }
};

class SealedEverything final : public SealedFilter {
 public:
  bool decide(SealedBatch&, TextRows& rows) const override {
    rows.may.invert();
    rows.must.invert();
    return true;
  }
};

/// What needs no texts.
class SealedEnvelope final : public SealedFilter {
 public:
  explicit SealedEnvelope(std::unique_ptr<Filter> filter) : filter_(std::move(filter)) {}
  bool decide(SealedBatch& batch, TextRows& rows) const override {
    rows.may.invert();
    filter_->select(batch.entries(), rows.may);
    rows.must = rows.may;
    return true;
  }

 private:
  std::unique_ptr<Filter> filter_;
};

class HasLiteral final : public SealedFilter {
 public:
  HasLiteral(const Field& field, WantedBytes wanted)
      : field_(field),
        is_exact_(wanted.is_exact || wanted.is_word),
        bounds_(wanted.is_word && !wanted.is_exact ? SealedTexts::Bounds::word : SealedTexts::Bounds::any),
        literals_(std::move(wanted.literals)) {
    only_codes_ = std::all_of(literals_.begin(), literals_.end(),
                              [](const LiteralBits& literal) { return is_never_escaped(literal.bytes()); });
  }

  bool decide(SealedBatch& batch, TextRows& rows) const override {
    for (const LiteralBits& literal : literals_) {
      if (!batch.texts().find(literal, bounds_, rows)) return false;
    }
    if (!is_exact_) rows.must.clear();
    if (field_.kind == FieldKind::raw || batch.records() == nullptr) return true;
    // The part that is tested of these is a part of the text, as it reads.
    const RowSet* const escaped = batch.escaped(field_.kind == FieldKind::named, only_codes_);
    if (escaped == nullptr) return false;
    RowSet otherwise = *escaped;
    otherwise.keep(*batch.records());
    rows.may.put(otherwise);
    rows.must.take_off(*batch.records());
    return true;
  }

 private:
  Field field_;
  bool is_exact_;
  SealedTexts::Bounds bounds_;
  bool only_codes_ = false;  // Escapes other than codes of characters stand for nothing that is looked for.
  std::vector<LiteralBits> literals_;
};

class HasLevelIn final : public SealedFilter {
 public:
  explicit HasLevelIn(const LevelTest& test) : test_(test) {}

  bool decide(SealedBatch& batch, TextRows& rows) const override {
    const std::int8_t* const levels = batch.levels();
    if (levels == nullptr) return false;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
      const bool is_in = levels[row] >= test_.most_severe && levels[row] <= test_.least_severe;
      if (is_in) rows.must.add(row);
      if (is_in || levels[row] == SealedLevels::kUnknown) rows.may.add(row);
    }
    return true;
  }

 private:
  LevelTest test_;
};

class SealedAllOf final : public SealedFilter {
 public:
  explicit SealedAllOf(SealedFilters filters) : filters_(std::move(filters)) {}
  bool decide(SealedBatch& batch, TextRows& rows) const override {
    rows.may.invert();
    rows.must.invert();
    for (const auto& filter : filters_) {
      TextRows part;
      part.reset(batch.rows());
      if (!filter->decide(batch, part)) return false;
      rows.may.keep(part.may);
      rows.must.keep(part.must);
      if (!rows.may.any()) break;
    }
    return true;
  }

 private:
  SealedFilters filters_;
};

class SealedAnyOf final : public SealedFilter {
 public:
  SealedAnyOf(SealedFilters filters, bool is_negated) : filters_(std::move(filters)), is_negated_(is_negated) {}
  bool decide(SealedBatch& batch, TextRows& rows) const override {
    for (const auto& filter : filters_) {
      TextRows part;
      part.reset(batch.rows());
      if (!filter->decide(batch, part)) return false;
      rows.may.put(part.may);
      rows.must.put(part.must);
    }
    if (!is_negated_) return true;
    std::swap(rows.may, rows.must);
    rows.may.invert();
    rows.must.invert();
    return true;
  }

 private:
  SealedFilters filters_;
  bool is_negated_;
};

// `tells`: frames tell something about it.
std::unique_ptr<SealedFilter> make(const Expression& expression, bool& tells) {
  if (expression.kind == Kind::everything) return std::make_unique<SealedEverything>();
  if (!needs_text(expression)) {
    auto filter = make_filter(expression);
    if (!filter) return std::make_unique<Unknown>();
    return std::make_unique<SealedEnvelope>(std::move(*filter));
  }
  if (expression.kind == Kind::test) {
    const auto* const level = std::get_if<LevelTest>(&expression.test);
    if (level != nullptr && expression.field.kind == FieldKind::level) {
      tells = true;
      return std::make_unique<HasLevelIn>(*level);
    }
    WantedBytes wanted = wanted_of(expression.field, expression.test);
    if (wanted.literals.empty() || wanted.literals.size() > kMostLiterals) return std::make_unique<Unknown>();
    tells = true;
    return std::make_unique<HasLiteral>(expression.field, std::move(wanted));
  }
  SealedFilters filters;
  for (const Expression& part : expression.parts) filters.push_back(make(part, tells));
  if (expression.kind == Kind::all_of) {
    // The cheapest parts first.
    std::vector<std::pair<bool, std::unique_ptr<SealedFilter>>> order;
    for (std::size_t i = 0; i < filters.size(); ++i)
      order.emplace_back(needs_text(expression.parts[i]), std::move(filters[i]));
    std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    for (std::size_t i = 0; i < filters.size(); ++i) filters[i] = std::move(order[i].second);
    return std::make_unique<SealedAllOf>(std::move(filters));
  }
  return std::make_unique<SealedAnyOf>(std::move(filters), expression.kind == Kind::none_of);
}

}  // namespace

SealedBatch::SealedBatch(v2::SealedFrame& frame, const FileFacts& facts, FrameLevels& levels)
    : frame_(frame),
      facts_(facts),
      levels_(levels),
      nested_(frame.nested() == nullptr ? std::optional<SealedTexts>()
                                        : std::optional<SealedTexts>(std::in_place, *frame.nested(), nullptr, true)),
      texts_(frame.texts(), nested_ ? &*nested_ : nullptr) {
  if (const auto format = frame.format()) {
    has_records_ = *format == LogFormat::journal_json;
    if (has_records_) records_.reset(rows(), true);
    return;
  }
  records_.reset(rows(), false);
  const auto entries = frame.entries();
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].log_format != LogFormat::journal_json) continue;
    records_.add(i);
    has_records_ = true;
  }
}

Batch& SealedBatch::entries() {
  if (!entries_) entries_.emplace().set(facts_, frame_.first(), frame_.entries(), {});
  return *entries_;
}

const RowSet* SealedBatch::escaped(bool in_objects, bool only_codes) {
  Escaped& escaped = escaped_[(in_objects ? 1 : 0) + (only_codes ? 2 : 0)];
  if (!escaped.is_known) {
    escaped.is_known = true;
    escaped.rows.reset(rows(), false);
    escaped.is_damaged =
        !texts_.find_escapes({in_objects, only_codes}, {.after_colon = true, .before_u = false}, escaped.rows);
  }
  return escaped.is_damaged ? nullptr : &escaped.rows;
}

std::unique_ptr<SealedFilter> make_sealed_filter(const Expression& expression, bool always) {
  bool tells = always;
  auto made = make(expression, tells);
  return tells ? std::move(made) : nullptr;
}

// Entries may be counted without even reading them.
bool SealedSieve::wants(const v2::FrameHeader& header) {
  if (counter_ == nullptr || facts_ == nullptr || is_over_()) return true;
  const Known known{facts_, header.event_min, header.event_max};
  return truth_of(expression_, known) != Truth::yes ||
         !counter_->count_known(known, header.min, header.max, header.count);
}

// Counts entries that are surely wanted; they are not given then.
void SealedSieve::count(SealedBatch& batch) {
  if (!rows_.must.any()) return;
  const std::int8_t* levels = nullptr;
  if (counter_->needs_text()) {
    levels = counter_->needs_levels_alone() ? batch.levels() : nullptr;
    if (levels == nullptr) {
      rows_.must.clear();
      return;
    }
    rows_.must.filter([&](std::size_t row) { return levels[row] != SealedLevels::kUnknown; });
  }
  // Entries take a tenth of a search, and most counts need none.
  if (!counter_->count_rows(rows_.must, levels)) counter_->count(batch.entries(), rows_.must, levels);
  rows_.may.take_off(rows_.must);
  rows_.must.clear();
}

// Texts that are to be read: also those of entries whose level is not known.
void SealedSieve::keep_texts_of_unknown_levels(v2::SealedFrame& frame, RowSet& texts) {
  const std::int8_t* const levels = levels_.of(frame);
  if (levels == nullptr) {
    texts = rows_.may;
    return;
  }
  RowSet unknown = rows_.may;
  unknown.filter([&](std::size_t row) { return levels[row] == SealedLevels::kUnknown; });
  texts.put(unknown);
}

v2::FrameSieve::Texts SealedSieve::sift(v2::SealedFrame& frame, std::vector<std::uint64_t>& chosen) {
  const std::size_t entries = frame.count();
  first_ = frame.first();
  rows_.reset(entries);
  levels_.forget();
  bool is_known = facts_ != nullptr && !is_over_();
  if (is_known) {
    SealedBatch batch(frame, *facts_, levels_);
    is_known = filter_->decide(batch, rows_);
    if (is_known && counter_ != nullptr) count(batch);
  }
  if (!is_known) {
    rows_.reset(entries);
    rows_.may.invert();
    return Texts::all;
  }
  if (!rows_.may.any()) return Texts::none;
  RowSet texts = rows_.may;
  if (!wants_text_) texts.take_off(rows_.must);
  if (wants_levels_ && !wants_text_) keep_texts_of_unknown_levels(frame, texts);
  // Choosing costs something: if nearly all texts are needed, reading all is faster.
  if (4 * texts.count() > 3 * entries) return Texts::all;
  chosen = texts.words();
  return Texts::some;
}

bool SealedSieve::known(Ordinal first, std::size_t rows, RowSet& wanted, RowSet& undecided) const {
  if (!holds(first, rows)) return false;
  const std::size_t begin = static_cast<std::size_t>(first - first_);
  wanted.reset(rows, false);
  undecided.reset(rows, false);
  wanted.copy(rows_.may, begin);
  undecided.copy(rows_.must, begin);
  undecided.invert();
  undecided.keep(wanted);
  return true;
}

const std::int8_t* SealedSieve::levels(Ordinal first, std::size_t rows) const {
  const std::int8_t* const levels = levels_.found();
  return levels != nullptr && holds(first, rows) ? levels + (first - first_) : nullptr;
}

}  // namespace towl::detail

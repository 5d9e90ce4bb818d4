#include "known.hpp"

#include <algorithm>
#include <utility>

#include "filter.hpp"
#include "grep_syntax.hpp"
#include "v2/token_filter.hpp"
#include "value_test.hpp"

namespace towl::detail {
namespace {

using Kind = Expression::Kind;
using Alternatives = std::vector<std::vector<std::string>>;

/// Each alternative costs about one read of a filter: a search with more than these does not use filters.
constexpr std::size_t kMaxAlternatives = 64;

Truth negated(Truth truth) { return truth == Truth::maybe ? truth : truth == Truth::yes ? Truth::no : Truth::yes; }

Truth time_truth(const TimeTest& test, const Known& known) {
  if (known.event_min > known.event_max) return Truth::maybe;
  const bool ends_after = known.event_max >= test.since;
  const bool begins_before = known.event_min < test.until || test.until == TimeTest().until;
  if (!ends_after || !begins_before) return Truth::no;
  return test.contains(known.event_min) && test.contains(known.event_max) ? Truth::yes : Truth::maybe;
}

Truth test_truth(const Field& field, const Test& test, const Known& known) {
  std::string_view value;
  switch (field.kind) {
    case FieldKind::time: {
      const auto* range = std::get_if<TimeTest>(&test);
      return range == nullptr ? Truth::maybe : time_truth(*range, known);
    }
    case FieldKind::file_id:
      value = known.file->id;
      break;
    case FieldKind::file:
      value = known.file->uuid;
      break;
    case FieldKind::title:
      value = known.file->header.title;
      break;
    case FieldKind::org:
      value = known.file->header.org;
      break;
    default:
      return Truth::maybe;
  }
  const auto made = make_value_test(test);
  if (!made) return Truth::maybe;
  return (*made)->passes(value) || (value.empty() && (*made)->passes_without()) ? Truth::yes : Truth::no;
}

// For several parts: the lowest, or the highest, of their answers.
template <class Better>
Truth best(const std::vector<Expression>& parts, const Known& known, Truth begin, Better better) {
  Truth found = begin;
  for (const Expression& part : parts) {
    const Truth truth = truth_of(part, known);
    if (better(truth, found)) found = truth;
  }
  return found;
}

TimeTest intersection(const TimeTest& a, const TimeTest& b) {
  return {std::max(a.since, b.since), std::min(a.until, b.until)};
}

// The tokens of a literal. If case is ignored, k and s also match letters that are not ASCII: a text may have those.
std::vector<std::string> tokens_of(const LiteralRun& run, bool ignore_case) {
  std::vector<std::string> words;
  const std::string_view text = run.text;
  v2::each_token(text, [&](std::string_view token) {
    if (token.data() == text.data() && !run.begins_word) return;
    if (token.data() + token.size() == text.data() + text.size() && !run.ends_word) return;
    if (ignore_case && token.find_first_of("kKsS") != std::string_view::npos) return;
    words.emplace_back(token);
  });
  return words;
}

struct KnownWords {
  Alternatives operator()(const PhraseTest& test) const {
    // If it begins or ends with something else than a word, its own characters bound the words in it.
    return some(tokens_of({test.text, true, !test.is_prefix}, test.ignore_case));
  }
  Alternatives operator()(const SubstringTest& test) const {
    return some(tokens_of({test.text, false, false}, test.ignore_case));
  }
  Alternatives operator()(const ExactTest& test) const {
    Alternatives alternatives;
    for (const std::string& value : test.values) {
      alternatives.push_back(tokens_of({value, true, !test.is_prefix}, false));
      if (alternatives.back().empty()) return {};
    }
    return alternatives;
  }
  Alternatives operator()(const SequenceTest& test) const {
    std::vector<std::string> words;
    for (const std::string& phrase : test.phrases) {
      for (std::string& word : tokens_of({phrase, true, true}, false)) words.push_back(std::move(word));
    }
    return some(std::move(words));
  }
  Alternatives operator()(const PatternTest& test) const {
    Alternatives alternatives;
    for (const std::string& pattern : test.patterns) {
      std::vector<std::string> words;
      for (const LiteralRun& run : literal_runs(pattern, test.options)) {
        for (std::string& word : tokens_of(run, test.options.ignore_case)) words.push_back(std::move(word));
      }
      if (words.empty()) return {};
      alternatives.push_back(std::move(words));
    }
    return alternatives;
  }
  template <class Other>
  Alternatives operator()(const Other&) const {
    return {};
  }

 private:
  static Alternatives some(std::vector<std::string> words) {
    if (words.empty()) return {};
    return {std::move(words)};
  }
};

Alternatives words_of_test(const Field& field, const Test& test) {
  if (field.kind == FieldKind::message || field.kind == FieldKind::raw) return std::visit(KnownWords{}, test);
  if (field.kind != FieldKind::named) return {};
  // What an entry implies is in no text, and its message may have another name in the text.
  static constexpr std::string_view kElsewhere[] = {"SENDER", field::kHost, field::kReceived, field::kSourceTime,
                                                    field::kMessage};
  if (std::find(std::begin(kElsewhere), std::end(kElsewhere), field.name) != std::end(kElsewhere)) return {};
  const auto made = make_value_test(test);
  if (!made || (*made)->passes_without()) return {};
  Alternatives alternatives = std::visit(KnownWords{}, test);
  if (alternatives.empty()) alternatives.emplace_back();
  // The name is in quotes there.
  for (auto& words : alternatives) {
    for (std::string& word : tokens_of({field.name, true, true}, false)) words.push_back(std::move(word));
    if (words.empty()) return {};
  }
  return alternatives;
}

// Both: the words of each pair of alternatives. If there are too many pairs, only the shorter list is required.
Alternatives both(Alternatives a, Alternatives b) {
  if (a.empty()) return b;
  if (b.empty()) return a;
  if (a.size() * b.size() > kMaxAlternatives) return a.size() <= b.size() ? a : b;
  Alternatives pairs;
  for (const auto& one : a) {
    for (const auto& other : b) {
      auto& words = pairs.emplace_back(one);
      words.insert(words.end(), other.begin(), other.end());
    }
  }
  return pairs;
}

}  // namespace

Truth truth_of(const Expression& expression, const Known& known) {
  switch (expression.kind) {
    case Kind::everything:
      return Truth::yes;
    case Kind::all_of:
      return best(expression.parts, known, Truth::yes, std::less<>());
    case Kind::any_of:
      return best(expression.parts, known, Truth::no, std::greater<>());
    case Kind::none_of:
      return negated(best(expression.parts, known, Truth::no, std::greater<>()));
    case Kind::test:
      return test_truth(expression.field, expression.test, known);
  }
  return Truth::maybe;
}

TimeTest time_bounds(const Expression& expression) {
  if (expression.kind == Kind::test && expression.field.kind == FieldKind::time) {
    const auto* range = std::get_if<TimeTest>(&expression.test);
    return range == nullptr ? TimeTest() : *range;
  }
  TimeTest bounds;
  if (expression.kind == Kind::all_of) {
    for (const Expression& part : expression.parts) bounds = intersection(bounds, time_bounds(part));
  } else if (expression.kind == Kind::any_of && !expression.parts.empty()) {
    bounds = time_bounds(expression.parts.front());
    for (const Expression& part : expression.parts) {
      const TimeTest other = time_bounds(part);
      bounds = {std::min(bounds.since, other.since), std::max(bounds.until, other.until)};
    }
  }
  return bounds;
}

std::vector<std::vector<std::string>> required_words(const Expression& expression) {
  if (expression.kind == Kind::test) return words_of_test(expression.field, expression.test);
  Alternatives words;
  if (expression.kind == Kind::all_of) {
    for (const Expression& part : expression.parts) words = both(std::move(words), required_words(part));
  } else if (expression.kind == Kind::any_of) {
    for (const Expression& part : expression.parts) {
      Alternatives more = required_words(part);
      if (more.empty()) return {};
      words.insert(words.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
    }
  }
  if (words.size() > kMaxAlternatives) return {};
  return words;
}

Expression without_texts(const Expression& expression) {
  if (!needs_text(expression)) return expression;
  if (expression.kind != Kind::all_of) return {};
  std::vector<Expression> parts;
  for (const Expression& part : expression.parts) {
    if (!needs_text(part)) parts.push_back(part);
  }
  return all_of(std::move(parts));
}

}  // namespace towl::detail

#include "value_test.hpp"

#include <fnmatch.h>

#include <algorithm>
#include <array>
#include <utility>

#include "grep_syntax.hpp"
#include "phrase.hpp"
#include "towl/time.hpp"
#include "utf8.hpp"

namespace towl::detail {
namespace {

class Exists final : public ValueTest {
 public:
  bool passes(std::string_view value) const override { return !value.empty(); }
};

class HasPhrase final : public ValueTest {
 public:
  HasPhrase(Phrase phrase, bool is_empty) : phrase_(std::move(phrase)), is_empty_(is_empty) {}
  bool passes(std::string_view value) const override { return phrase_.find(value) != std::string_view::npos; }
  bool passes_without() const override { return is_empty_; }

 private:
  Phrase phrase_;
  bool is_empty_;
};

class Matches final : public ValueTest {
 public:
  explicit Matches(Matcher matcher) : matcher_(std::move(matcher)) {}
  bool passes(std::string_view value) const override { return matcher_.matches(value); }

 private:
  Matcher matcher_;
};

class Is final : public ValueTest {
 public:
  explicit Is(ExactTest test) : test_(std::move(test)) {}
  bool passes(std::string_view value) const override {
    return std::any_of(test_.values.begin(), test_.values.end(), [&](const std::string& wanted) {
      return test_.is_prefix ? value.starts_with(wanted) : value == wanted;
    });
  }
  bool passes_without() const override {
    return !test_.is_prefix && std::any_of(test_.values.begin(), test_.values.end(),
                                           [](const std::string& wanted) { return wanted.empty(); });
  }

 private:
  ExactTest test_;
};

class HasSequence final : public ValueTest {
 public:
  explicit HasSequence(std::vector<Phrase> phrases) : phrases_(std::move(phrases)) {}
  bool passes(std::string_view value) const override {
    std::size_t at = 0;
    for (const Phrase& phrase : phrases_) {
      at = phrase.find(value, at);
      if (at == std::string_view::npos) return false;
    }
    return true;
  }

 private:
  std::vector<Phrase> phrases_;
};

class IsLike final : public ValueTest {
 public:
  explicit IsLike(GlobTest test) : test_(std::move(test)) {}
  bool passes(std::string_view value) const override {
    const std::string text(value);
    return std::any_of(test_.globs.begin(), test_.globs.end(),
                       [&](const std::string& glob) { return fnmatch(glob.c_str(), text.c_str(), 0) == 0; });
  }

 private:
  GlobTest test_;
};

class IsBetween final : public ValueTest {
 public:
  explicit IsBetween(const RangeTest& test) : test_(test) {}
  bool passes(std::string_view value) const override {
    double number = 0;
    if (!read_number(value, number)) return false;
    return (test_.without_least ? number > test_.least : number >= test_.least) &&
           (test_.without_most ? number < test_.most : number <= test_.most);
  }

 private:
  RangeTest test_;
};

class HasLength final : public ValueTest {
 public:
  explicit HasLength(const LengthTest& test) : test_(test) {}
  bool passes(std::string_view value) const override {
    std::uint64_t length = 0;
    for (std::size_t at = 0; at < value.size(); at += character_at(value, at).size()) ++length;
    return length >= test_.least && length <= test_.most;
  }

 private:
  LengthTest test_;
};

class IsAtTime final : public ValueTest {
 public:
  explicit IsAtTime(const TimeTest& test) : test_(test) {}
  bool passes(std::string_view value) const override {
    const auto time = parse_rfc3339(value);
    return time && test_.contains(*time);
  }

 private:
  TimeTest test_;
};

class HasLevel final : public ValueTest {
 public:
  explicit HasLevel(const LevelTest& test) : test_(test) {}
  bool passes(std::string_view value) const override {
    const auto level = parse_level(value);
    return level && *level >= test_.most_severe && *level <= test_.least_severe;
  }

 private:
  LevelTest test_;
};

using Made = Result<std::unique_ptr<ValueTest>>;

Made matching(std::span<const std::string> patterns, const MatchOptions& options) {
  auto matcher = Matcher::create(patterns, options);
  if (!matcher) return fail(std::move(matcher.error()));
  return std::make_unique<Matches>(std::move(*matcher));
}

struct Make {
  Made operator()(const ExistsTest&) const { return std::make_unique<Exists>(); }
  Made operator()(const PhraseTest& test) const {
    auto phrase = Phrase::create(test);
    if (!phrase) return fail(std::move(phrase.error()));
    return std::make_unique<HasPhrase>(std::move(*phrase), test.text.empty() && !test.is_prefix);
  }
  Made operator()(const SubstringTest& test) const {
    const std::array<std::string, 1> patterns = {test.text};
    return matching(patterns, {.fixed = true, .ignore_case = test.ignore_case});
  }
  Made operator()(const ExactTest& test) const { return std::make_unique<Is>(test); }
  Made operator()(const PatternTest& test) const { return matching(test.patterns, test.options); }
  Made operator()(const SequenceTest& test) const {
    std::vector<Phrase> phrases;
    for (const std::string& text : test.phrases) {
      auto phrase = Phrase::create({.text = text});
      if (!phrase) return fail(std::move(phrase.error()));
      phrases.push_back(std::move(*phrase));
    }
    return std::make_unique<HasSequence>(std::move(phrases));
  }
  Made operator()(const GlobTest& test) const { return std::make_unique<IsLike>(test); }
  Made operator()(const RangeTest& test) const { return std::make_unique<IsBetween>(test); }
  Made operator()(const LengthTest& test) const { return std::make_unique<HasLength>(test); }
  Made operator()(const TimeTest& test) const { return std::make_unique<IsAtTime>(test); }
  Made operator()(const LevelTest& test) const { return std::make_unique<HasLevel>(test); }
};

// The longest part of `text` whose upper and lower case is only ASCII: U+017F is also an s, U+212A a k.
std::string foldable_part(std::string_view text) {
  std::string_view longest;
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const bool ends = i == text.size() || static_cast<unsigned char>(text[i]) >= 0x80 ||
                      std::string_view("kKsS").find(text[i]) != std::string_view::npos;
    if (!ends) continue;
    if (i - begin > longest.size()) longest = text.substr(begin, i - begin);
    begin = i + 1;
  }
  return std::string(longest);
}

Literals literals_of(std::vector<std::string> texts, bool ignore_case) {
  for (std::string& text : texts) {
    if (ignore_case) text = foldable_part(text);
    if (text.empty()) return {};
  }
  return {std::move(texts), ignore_case};
}

struct Require {
  Literals operator()(const PhraseTest& test) const { return literals_of({test.text}, test.ignore_case); }
  Literals operator()(const SubstringTest& test) const { return literals_of({test.text}, test.ignore_case); }
  Literals operator()(const ExactTest& test) const { return literals_of(test.values, false); }
  Literals operator()(const SequenceTest& test) const {
    const auto longest = std::max_element(test.phrases.begin(), test.phrases.end(),
                                          [](const auto& a, const auto& b) { return a.size() < b.size(); });
    return longest == test.phrases.end() ? Literals() : literals_of({*longest}, false);
  }
  Literals operator()(const PatternTest& test) const {
    std::vector<std::string> literals;
    for (const std::string& pattern : test.patterns) {
      std::string best;
      for (const LiteralRun& run : literal_runs(pattern, test.options)) {
        if (run.text.size() > best.size()) best = run.text;
      }
      literals.push_back(std::move(best));
    }
    return literals_of(std::move(literals), test.options.ignore_case);
  }
  template <class Other>
  Literals operator()(const Other&) const {
    return {};
  }
};

}  // namespace

Made make_value_test(const Test& test) { return std::visit(Make{}, test); }

Literals required_literals(const Test& test) { return std::visit(Require{}, test); }

bool is_literal_test(const Test& test) {
  if (const auto* substring = std::get_if<SubstringTest>(&test))
    return !substring->ignore_case && !substring->text.empty();
  const auto* pattern = std::get_if<PatternTest>(&test);
  if (pattern == nullptr || pattern->options.ignore_case || pattern->options.word || pattern->options.whole)
    return false;
  return !pattern->patterns.empty() &&
         std::all_of(pattern->patterns.begin(), pattern->patterns.end(), [&](const std::string& text) {
           return !text.empty() && (pattern->options.fixed || is_plain_pattern(text));
         });
}

}  // namespace towl::detail

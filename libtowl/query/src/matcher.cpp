#include "towl/query/matcher.hpp"

#include <re2/re2.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "grep_syntax.hpp"
#include "lazy_expression.hpp"
#include "literal_search.hpp"
#include "utf8.hpp"
#include "value_test.hpp"
#include "word_characters.hpp"

namespace towl {
namespace {

/// What a pattern may cost in memory. RE2's own default; a pattern that needs more is refused.
constexpr std::int64_t kMaxPatternMemory = std::int64_t{8} << 20;

/// With more literals than this, looking for each of them takes longer than the expression.
constexpr std::size_t kMaxRequired = 8;

/// With boundaries added, an expression with this many instructions is still far below kMaxPatternMemory. So it is
/// known to compile without compiling it.
constexpr int kMaxLazyProgram = 1024;

RE2::Options options_of(const MatchOptions& options, bool utf8) {
  RE2::Options re2(RE2::Quiet);
  re2.set_encoding(utf8 ? RE2::Options::EncodingUTF8 : RE2::Options::EncodingLatin1);
  re2.set_case_sensitive(!options.ignore_case);
  re2.set_longest_match(true);  // As in grep: leftmost, then longest.
  re2.set_max_mem(kMaxPatternMemory);
  return re2;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

/// A pattern for -w: on either side is nothing, or one character that is in no word. The boundaries are a part of the
/// expression, not checked afterwards: trying shorter and later matches one by one would take cubic time.
struct WordExpressions {
  std::unique_ptr<detail::LazyExpression> first;  ///< From the text's beginning.
  std::unique_ptr<detail::LazyExpression> later;  ///< From the character before the place where a match may begin.
};

}  // namespace

class Matcher::Impl {
 public:
  static Result<std::unique_ptr<Impl>> create(std::span<const std::string> patterns, const MatchOptions& options);

  std::optional<MatchSpan> find(std::string_view text, std::size_t from) const;
  bool matches(std::string_view text) const;

 private:
  Result<std::string> join(std::span<const std::string> patterns, bool& utf8, bool& has_boundaries);
  Result<void> compile(std::span<const std::string> patterns);
  Result<void> compile_marked(std::span<const std::string> patterns, bool has_boundaries);
  Result<WordExpressions> compile_words(const std::string& patterns, std::string_view word, bool utf8) const;
  std::optional<MatchSpan> find_anywhere(std::string_view text, std::size_t from) const;
  std::optional<MatchSpan> find_word(std::string_view text, std::size_t from) const;
  std::optional<MatchSpan> find_marked(std::string_view text, std::size_t from) const;
  bool needs_marks(std::string_view text) const;
  bool compiles(const detail::LazyExpression& derived) const;

  MatchOptions options_;
  std::optional<std::string> literal_;
  std::optional<detail::LiteralSearch> required_;  // What a text must have, if that is known and found more quickly.
  std::unique_ptr<RE2> expression_;
  WordExpressions words_;        // With -w: letters and digits of all scripts …
  WordExpressions ascii_words_;  // … and of ASCII, for patterns that are not UTF-8.
  // For texts that need marks; group 1 is the match.
  std::unique_ptr<detail::LazyExpression> marked_;
  bool always_marked_ = false;        // Texts of ASCII need them, too …
  bool marked_unless_ascii_ = false;  // … all others do …
  bool marked_unless_utf8_ = false;   // … or only those that are not UTF-8.
  detail::WordCharacters characters_;
};

// Whether RE2 takes the expression that was made of expression_.
bool Matcher::Impl::compiles(const detail::LazyExpression& derived) const {
  return expression_->ProgramSize() <= kMaxLazyProgram || derived.get().ok();
}

Result<WordExpressions> Matcher::Impl::compile_words(const std::string& patterns, std::string_view word,
                                                     bool utf8) const {
  const std::string other = "[^" + std::string(word) + "]";
  const std::string after = "(" + patterns + ")(?:" + other + "|\\z)";
  WordExpressions words;
  const RE2::Options options = options_of(options_, utf8);
  words.first = std::make_unique<detail::LazyExpression>("(?:\\A|" + other + ")" + after, options);
  words.later = std::make_unique<detail::LazyExpression>(other + after, options);
  if (compiles(*words.first) && compiles(*words.later)) return words;
  return fail(ErrorCode::invalid_argument, "the patterns are too large together");
}

// All patterns as one expression.
Result<std::string> Matcher::Impl::join(std::span<const std::string> patterns, bool& utf8, bool& has_boundaries) {
  std::string all;
  for (const std::string& pattern : patterns) {
    // A pattern that is not UTF-8 is taken byte for byte.
    if (!detail::is_utf8_text(pattern)) utf8 = false;
  }
  for (const std::string& pattern : patterns) {
    std::string expression = options_.fixed ? RE2::QuoteMeta(pattern) : pattern;
    if (!options_.fixed && utf8) {
      detail::Translated translated = detail::translate(pattern);
      has_boundaries = has_boundaries || translated.has_boundaries;
      always_marked_ = always_marked_ || translated.needs_marks;
      expression = std::move(translated.pattern);
    }
    const RE2 compiled(expression, options_of(options_, utf8));
    if (!compiled.ok()) {
      return fail(ErrorCode::invalid_argument, "\"" + pattern + "\" is not a regular expression: " + compiled.error() +
                                                   "; -F takes it as plain text");
    }
    // A \Q that reaches to the pattern's end must not reach further.
    if (!RE2("(?:" + expression + ")", options_of(options_, utf8)).ok()) expression += "\\E";
    all += (all.empty() ? "(?:" : "|(?:") + expression + ")";
  }
  return all;
}

Result<void> Matcher::Impl::compile_marked(std::span<const std::string> patterns, bool has_boundaries) {
  std::string all;
  for (const std::string& pattern : patterns) {
    const auto marked = detail::marked_pattern(options_.fixed ? RE2::QuoteMeta(pattern) : pattern);
    // For the few patterns that cannot be made so, boundaries are ASCII's.
    if (!marked) return {};
    all += (all.empty() ? "(?:" : "|(?:") + *marked + ")";
  }
  all = "(?m:" + all + ")";
  all = options_.word    ? "(?m:" + detail::marked_word(all) + ")"
        : options_.whole ? "\\A(" + all + R"()[\x{10FFFB}-\x{10FFFE}]*\z)"
                         : "(" + all + ")";
  auto marked = std::make_unique<detail::LazyExpression>(std::move(all), options_of(options_, true));
  if (!compiles(*marked)) return fail(ErrorCode::invalid_argument, "the patterns are too large together");
  marked_ = std::move(marked);
  marked_unless_ascii_ = has_boundaries;
  marked_unless_utf8_ = options_.word;
  return {};
}

Result<void> Matcher::Impl::compile(std::span<const std::string> patterns) {
  bool utf8 = true;
  bool has_boundaries = false;
  auto joined = join(patterns, utf8, has_boundaries);
  if (!joined) return fail(std::move(joined.error()));
  // An entry of several lines is matched line by line, as grep would.
  const std::string all = (options_.whole ? "(?:" : "(?m:") + *joined + ")";
  expression_ = std::make_unique<RE2>(all, options_of(options_, utf8));
  if (!expression_->ok()) return fail(ErrorCode::invalid_argument, "the patterns are too large together");
  if (utf8 && (has_boundaries || options_.word)) {
    if (auto marked = compile_marked(patterns, has_boundaries); !marked) return marked;
  }
  if (!options_.word) return {};
  auto words = utf8 ? compile_words(all, R"(\pL\pN_)", true) : compile_words(all, "0-9A-Za-z_", false);
  if (!words) return fail(std::move(words.error()));
  (utf8 ? words_ : ascii_words_) = std::move(*words);
  return {};
}

Result<std::unique_ptr<Matcher::Impl>> Matcher::Impl::create(std::span<const std::string> patterns,
                                                             const MatchOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options_ = options;
  // A whole text has no word around it: as with grep, it makes no difference then.
  impl->options_.word = options.word && !options.whole;
  if (patterns.empty()) return impl;
  const bool is_plain = options.fixed || detail::is_plain_pattern(patterns[0]);
  if (patterns.size() == 1 && !options.ignore_case && !impl->options_.word && is_plain) {
    impl->literal_ = patterns[0];
  } else if (auto done = impl->compile(patterns); !done) {
    return fail(std::move(done.error()));
  } else if (auto literals = detail::required_literals(PatternTest{{patterns.begin(), patterns.end()}, options});
             !literals.literals.empty() && literals.literals.size() <= kMaxRequired) {
    impl->required_.emplace(std::move(literals));
  }
  return impl;
}

bool Matcher::Impl::needs_marks(std::string_view text) const {
  if (!marked_) return false;
  if (always_marked_) return true;
  if (!marked_unless_ascii_ && !marked_unless_utf8_) return false;
  return marked_unless_ascii_ ? !is_ascii(text) : !detail::is_utf8_text(text);
}

std::optional<MatchSpan> Matcher::Impl::find_anywhere(std::string_view text, std::size_t from) const {
  if (literal_) {
    if (literal_->empty()) return MatchSpan{from, from};
    const void* found = memmem(text.data() + from, text.size() - from, literal_->data(), literal_->size());
    if (found == nullptr) return std::nullopt;
    const auto begin = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    return MatchSpan{begin, begin + literal_->size()};
  }
  if (!expression_) return std::nullopt;
  re2::StringPiece match;
  if (!expression_->Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED, &match, 1)) {
    return std::nullopt;
  }
  const auto begin = static_cast<std::size_t>(match.data() - text.data());
  return MatchSpan{begin, begin + match.size()};
}

std::optional<MatchSpan> Matcher::Impl::find_marked(std::string_view text, std::size_t from) const {
  const detail::MarkedText marked(text, characters_);
  const std::string_view bytes = marked.bytes();
  re2::StringPiece groups[2];
  const auto anchor = options_.whole ? RE2::ANCHOR_BOTH : RE2::UNANCHORED;
  if (!marked_->get().Match({bytes.data(), bytes.size()}, marked.mark_of(from), bytes.size(), anchor, groups, 2)) {
    return std::nullopt;
  }
  const auto begin = static_cast<std::size_t>(groups[1].data() - bytes.data());
  const std::size_t end = marked.place_of(begin + groups[1].size());
  return MatchSpan{std::min(marked.place_of(begin), end), end};
}

std::optional<MatchSpan> Matcher::Impl::find_word(std::string_view text, std::size_t from) const {
  if (!expression_) return std::nullopt;
  if (marked_unless_ascii_ && needs_marks(text)) return find_marked(text, from);
  // Most texts have no match at all, and that is found out fastest without the boundaries.
  if (!expression_->Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED, nullptr, 0)) {
    return std::nullopt;
  }
  if (needs_marks(text)) return find_marked(text, from);
  const WordExpressions& words = words_.first ? words_ : ascii_words_;
  std::size_t start = from;
  if (from > 0) {
    --start;  // The character before decides whether a match may begin here.
    while (&words == &words_ && start > 0 && is_continuation(text[start])) --start;
  }
  re2::StringPiece groups[2];
  const RE2& expression = (from > 0 ? words.later : words.first)->get();
  if (!expression.Match({text.data(), text.size()}, start, text.size(), RE2::UNANCHORED, groups, 2))
    return std::nullopt;
  const auto begin = static_cast<std::size_t>(groups[1].data() - text.data());
  // The longest with the character after it may also be one that ends with this character, at the text's end.
  const auto end = static_cast<std::size_t>(groups[0].data() + groups[0].size() - text.data());
  const bool is_longer = end == text.size() && end != begin + groups[1].size() &&
                         expression_->Match({text.data(), end}, begin, end, RE2::ANCHOR_BOTH, nullptr, 0);
  return MatchSpan{begin, is_longer ? end : begin + groups[1].size()};
}

std::optional<MatchSpan> Matcher::Impl::find(std::string_view text, std::size_t from) const {
  if (from > text.size()) return std::nullopt;
  if (options_.whole) {
    if (from > 0) return std::nullopt;
    const bool all = literal_            ? text == *literal_
                     : needs_marks(text) ? find_marked(text, 0).has_value()
                                         : expression_ && RE2::FullMatch({text.data(), text.size()}, *expression_);
    return all ? std::optional(MatchSpan{0, text.size()}) : std::nullopt;
  }
  if (options_.word && !(always_marked_ && marked_)) return find_word(text, from);
  return needs_marks(text) ? find_marked(text, from) : find_anywhere(text, from);
}

bool Matcher::Impl::matches(std::string_view text) const {
  if (required_ && !required_->is_in(text)) return false;
  if (options_.whole || options_.word || literal_ || !expression_ || needs_marks(text))
    return find(text, 0).has_value();
  // Where it matches does not matter: RE2 may stop at the first end.
  return expression_->Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, nullptr, 0);
}

Matcher::Matcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Matcher::Matcher(Matcher&&) noexcept = default;
Matcher& Matcher::operator=(Matcher&&) noexcept = default;
Matcher::~Matcher() = default;

Result<Matcher> Matcher::create(std::span<const std::string> patterns, const MatchOptions& options) {
  auto impl = Impl::create(patterns, options);
  if (!impl) return fail(std::move(impl.error()));
  return Matcher(std::move(*impl));
}

bool Matcher::matches(std::string_view text) const { return impl_->matches(text); }

std::optional<MatchSpan> Matcher::find(std::string_view text, std::size_t from) const {
  return impl_->find(text, from);
}

}  // namespace towl

#include "towl/matcher.hpp"

#include <re2/re2.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <utility>

#include "matcher_literal.hpp"

namespace towl {
namespace {

/// What a pattern may cost in memory. RE2's own default; a pattern that needs more is refused.
constexpr std::int64_t kMaxPatternMemory = std::int64_t{8} << 20;

RE2::Options options_of(const MatchOptions& options, bool utf8) {
  RE2::Options re2(RE2::Quiet);
  re2.set_encoding(utf8 ? RE2::Options::EncodingUTF8 : RE2::Options::EncodingLatin1);
  re2.set_case_sensitive(!options.ignore_case);
  re2.set_longest_match(true);  // As grep has it: leftmost, then longest.
  re2.set_max_mem(kMaxPatternMemory);
  return re2;
}

/// Valid UTF-8: the byte sequences of RFC 3629, section 4.
bool is_utf8(std::string_view text) {
  const auto continues = [&](std::size_t at, unsigned low, unsigned high) {
    if (at >= text.size()) return false;
    const auto byte = static_cast<unsigned char>(text[at]);
    return byte >= low && byte <= high;
  };
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    if (more > 0) {
      // The second byte rules out what is longer than it need be, surrogates, and what is above U+10FFFF.
      const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (lead < 0xC2 || lead > 0xF4 || !continues(i + 1, low, high)) return false;
      for (std::size_t j = 2; j <= more; ++j) {
        if (!continues(i + j, 0x80, 0xBF)) return false;
      }
    }
    i += 1 + more;
  }
  return true;
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// A pattern within words: nothing, or one character that is in no word, on either side. The boundaries are a part of
/// the expression, not looked at afterwards: trying shorter and later matches one by one would take cubic time.
struct WordExpressions {
  std::unique_ptr<RE2> first;  ///< From the text's beginning.
  std::unique_ptr<RE2> later;  ///< From the character before the place where a match may begin.
};

}  // namespace

class Matcher::Impl {
 public:
  static Result<std::unique_ptr<Impl>> create(std::span<const std::string> patterns, const MatchOptions& options);

  std::optional<MatchSpan> find(std::string_view text, std::size_t from) const;

 private:
  Result<void> compile(std::span<const std::string> patterns);
  Result<WordExpressions> compile_words(const std::string& patterns, std::string_view word, bool utf8) const;
  std::optional<MatchSpan> find_anywhere(std::string_view text, std::size_t from) const;
  std::optional<MatchSpan> find_word(std::string_view text, std::size_t from) const;

  MatchOptions options_;
  std::optional<std::string> literal_;
  std::unique_ptr<RE2> expression_;
  WordExpressions words_;        // With -w: letters and digits of all scripts …
  WordExpressions ascii_words_;  // … and of ASCII, for text that is not UTF-8.
};

Result<WordExpressions> Matcher::Impl::compile_words(const std::string& patterns, std::string_view word,
                                                     bool utf8) const {
  const std::string other = "[^" + std::string(word) + "]";
  const std::string behind = "(" + patterns + ")(?:" + other + "|\\z)";
  WordExpressions words;
  words.first = std::make_unique<RE2>("(?:\\A|" + other + ")" + behind, options_of(options_, utf8));
  words.later = std::make_unique<RE2>(other + behind, options_of(options_, utf8));
  if (words.first->ok() && words.later->ok()) return words;
  return fail(ErrorCode::invalid_argument, "the patterns are too large together");
}

Result<void> Matcher::Impl::compile(std::span<const std::string> patterns) {
  std::string all;
  bool utf8 = true;
  for (const std::string& pattern : patterns) {
    std::string expression = options_.fixed ? RE2::QuoteMeta(pattern) : pattern;
    // A pattern that is not UTF-8 is meant byte for byte.
    if (RE2(expression, options_of(options_, true)).error_code() == RE2::ErrorBadUTF8) utf8 = false;
    const RE2 compiled(expression, options_of(options_, utf8));
    if (!compiled.ok()) {
      return fail(ErrorCode::invalid_argument, "\"" + pattern + "\" is not a regular expression: " + compiled.error() +
                                                   "; -F takes it as plain text");
    }
    // A \Q that reaches to the pattern's end must not reach further.
    if (!RE2("(?:" + expression + ")", options_of(options_, utf8)).ok()) expression += "\\E";
    all += (all.empty() ? "(?:" : "|(?:") + expression + ")";
  }
  // An entry of several lines is matched line by line, as grep would.
  all = (options_.whole ? "(?:" : "(?m:") + all + ")";
  expression_ = std::make_unique<RE2>(all, options_of(options_, utf8));
  if (!expression_->ok()) return fail(ErrorCode::invalid_argument, "the patterns are too large together");
  if (!options_.word) return {};
  // Byte for byte, where the patterns can be had so: a byte that is no character is in no word.
  auto ascii = compile_words(all, "0-9A-Za-z_", false);
  if (!ascii) ascii = compile_words(all, "0-9A-Za-z_", utf8);
  if (!ascii) return fail(std::move(ascii.error()));
  ascii_words_ = std::move(*ascii);
  if (!utf8) return {};
  auto words = compile_words(all, R"(\pL\pN_)", utf8);
  if (!words) return fail(std::move(words.error()));
  words_ = std::move(*words);
  return {};
}

Result<std::unique_ptr<Matcher::Impl>> Matcher::Impl::create(std::span<const std::string> patterns,
                                                             const MatchOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options_ = options;
  if (patterns.empty()) return impl;
  if (patterns.size() == 1 && !options.ignore_case && !options.word &&
      (options.fixed || detail::is_literal(patterns[0]))) {
    impl->literal_ = patterns[0];
  } else if (auto done = impl->compile(patterns); !done) {
    return fail(std::move(done.error()));
  }
  return impl;
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

std::optional<MatchSpan> Matcher::Impl::find_word(std::string_view text, std::size_t from) const {
  if (!expression_) return std::nullopt;
  // Most texts have no match at all, and that is found out fastest without the boundaries.
  if (!expression_->Match({text.data(), text.size()}, from, text.size(), RE2::UNANCHORED, nullptr, 0)) {
    return std::nullopt;
  }
  const WordExpressions& words = words_.first && is_utf8(text) ? words_ : ascii_words_;
  std::size_t start = from;
  if (from > 0) {
    --start;  // The character before decides whether a match may begin here.
    while (&words == &words_ && start > 0 && is_continuation(text[start])) --start;
  }
  re2::StringPiece groups[2];
  const RE2& expression = from > 0 ? *words.later : *words.first;
  if (!expression.Match({text.data(), text.size()}, start, text.size(), RE2::UNANCHORED, groups, 2))
    return std::nullopt;
  const auto begin = static_cast<std::size_t>(groups[1].data() - text.data());
  return MatchSpan{begin, begin + groups[1].size()};
}

std::optional<MatchSpan> Matcher::Impl::find(std::string_view text, std::size_t from) const {
  if (from > text.size()) return std::nullopt;
  if (options_.whole) {
    if (from > 0) return std::nullopt;
    const bool all =
        literal_ ? text == *literal_ : expression_ && RE2::FullMatch({text.data(), text.size()}, *expression_);
    return all ? std::optional(MatchSpan{0, text.size()}) : std::nullopt;
  }
  return options_.word ? find_word(text, from) : find_anywhere(text, from);
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

bool Matcher::matches(std::string_view text) const { return impl_->find(text, 0).has_value(); }

std::optional<MatchSpan> Matcher::find(std::string_view text, std::size_t from) const {
  return impl_->find(text, from);
}

}  // namespace towl

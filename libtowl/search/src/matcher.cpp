#include "towl/matcher.hpp"

#include <re2/re2.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <utility>

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

/// Length of the UTF-8 character at the front of `text`, 1 where there is none. RFC 3629 in outline: what is wrong
/// inside a sequence is left to RE2.
std::size_t character_bytes(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t length = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(length, text.size());
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

/// Whether a pattern without its options means just its own bytes.
bool is_literal(std::string_view pattern) { return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos; }

}  // namespace

class Matcher::Impl {
 public:
  static Result<std::unique_ptr<Impl>> create(std::span<const std::string> patterns, const MatchOptions& options);

  std::optional<MatchSpan> find(std::string_view text, std::size_t from) const;

 private:
  Result<void> compile(std::span<const std::string> patterns);
  std::optional<MatchSpan> find_any(std::string_view text, std::size_t from, std::size_t end, bool here) const;
  std::optional<MatchSpan> find_word(std::string_view text, std::size_t from) const;
  std::optional<MatchSpan> shorter_word(std::string_view text, MatchSpan match) const;
  bool is_word_at(std::string_view text, std::size_t at) const;
  bool is_word_before(std::string_view text, std::size_t at) const;

  MatchOptions options_;
  std::optional<std::string> literal_;
  std::unique_ptr<RE2> expression_;
  std::unique_ptr<RE2> word_character_;
};

Result<void> Matcher::Impl::compile(std::span<const std::string> patterns) {
  std::string all;
  bool utf8 = true;
  for (const std::string& pattern : patterns) {
    const std::string expression = options_.fixed ? RE2::QuoteMeta(pattern) : pattern;
    // A pattern that is not UTF-8 is meant byte for byte.
    if (RE2(expression, options_of(options_, true)).error_code() == RE2::ErrorBadUTF8) utf8 = false;
    const RE2 compiled(expression, options_of(options_, utf8));
    if (!compiled.ok()) {
      return fail(ErrorCode::invalid_argument, "\"" + pattern + "\" is not a regular expression: " + compiled.error() +
                                                   "; -F takes it as plain text");
    }
    all += (all.empty() ? "(?:" : "|(?:") + expression + ")";
  }
  // An entry of several lines is matched line by line, as grep would.
  expression_ =
      std::make_unique<RE2>(options_.whole ? "(?:" + all + ")" : "(?m:" + all + ")", options_of(options_, utf8));
  if (!expression_->ok()) return fail(ErrorCode::invalid_argument, "the patterns are too large together");
  return {};
}

Result<std::unique_ptr<Matcher::Impl>> Matcher::Impl::create(std::span<const std::string> patterns,
                                                             const MatchOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options_ = options;
  if (patterns.empty()) return impl;
  if (patterns.size() == 1 && !options.ignore_case && (options.fixed || is_literal(patterns[0]))) {
    impl->literal_ = patterns[0];
  } else if (auto done = impl->compile(patterns); !done) {
    return fail(std::move(done.error()));
  }
  if (options.word) {
    RE2::Options letters(RE2::Quiet);
    impl->word_character_ = std::make_unique<RE2>(R"([\pL\pN_])", letters);
  }
  return impl;
}

/// The leftmost match in [from, end); with `here`, only at `from`.
std::optional<MatchSpan> Matcher::Impl::find_any(std::string_view text, std::size_t from, std::size_t end,
                                                 bool here) const {
  if (literal_) {
    if (here) {
      const bool there = literal_->size() <= end - from && text.substr(from, literal_->size()) == *literal_;
      return there ? std::optional(MatchSpan{from, from + literal_->size()}) : std::nullopt;
    }
    if (literal_->empty()) return MatchSpan{from, from};
    const void* found = memmem(text.data() + from, end - from, literal_->data(), literal_->size());
    if (found == nullptr) return std::nullopt;
    const auto begin = static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
    return MatchSpan{begin, begin + literal_->size()};
  }
  if (!expression_) return std::nullopt;
  re2::StringPiece match;
  const auto anchor = here ? RE2::ANCHOR_START : RE2::UNANCHORED;
  if (!expression_->Match({text.data(), text.size()}, from, end, anchor, &match, 1)) return std::nullopt;
  const auto begin = static_cast<std::size_t>(match.data() - text.data());
  return MatchSpan{begin, begin + match.size()};
}

bool Matcher::Impl::is_word_at(std::string_view text, std::size_t at) const {
  if (at >= text.size()) return false;
  const auto character = text.substr(at, character_bytes(text.substr(at)));
  return RE2::FullMatch({character.data(), character.size()}, *word_character_);
}

bool Matcher::Impl::is_word_before(std::string_view text, std::size_t at) const {
  if (at == 0) return false;
  std::size_t begin = at - 1;
  while (begin > 0 && at - begin < 4 && is_continuation(text[begin])) --begin;
  if (begin + character_bytes(text.substr(begin)) != at) return false;  // Not UTF-8.
  return is_word_at(text, begin);
}

/// The longest shorter match from the same place on that ends at the end of a word.
std::optional<MatchSpan> Matcher::Impl::shorter_word(std::string_view text, MatchSpan match) const {
  if (literal_) return std::nullopt;
  std::size_t end = match.end;
  while (end > match.begin) {
    --end;
    if (is_continuation(text[end]) || is_word_at(text, end)) continue;
    const auto shorter = find_any(text, match.begin, end, true);
    if (!shorter) return std::nullopt;
    if (!is_word_at(text, shorter->end)) return shorter;
    end = shorter->end;
  }
  return std::nullopt;
}

std::optional<MatchSpan> Matcher::Impl::find_word(std::string_view text, std::size_t from) const {
  while (from <= text.size()) {
    const auto match = find_any(text, from, text.size(), false);
    if (!match) return std::nullopt;
    if (!is_word_before(text, match->begin)) {
      if (!is_word_at(text, match->end)) return match;
      if (const auto shorter = shorter_word(text, *match)) return shorter;
    }
    // A match inside the word that begins here would have a word character before it.
    from = match->begin + 1;
    while (from < text.size() && (is_continuation(text[from]) || is_word_before(text, from))) ++from;
  }
  return std::nullopt;
}

std::optional<MatchSpan> Matcher::Impl::find(std::string_view text, std::size_t from) const {
  if (from > text.size()) return std::nullopt;
  if (options_.whole) {
    if (from > 0) return std::nullopt;
    const bool all =
        literal_ ? text == *literal_ : expression_ && RE2::FullMatch({text.data(), text.size()}, *expression_);
    return all ? std::optional(MatchSpan{0, text.size()}) : std::nullopt;
  }
  return options_.word ? find_word(text, from) : find_any(text, from, text.size(), false);
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

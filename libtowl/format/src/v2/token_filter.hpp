// A token filter says which words a frame's texts surely do not contain, so that a search can skip the frame.
//
// A token is a maximal run of ASCII letters, digits and underscores, in lower case. The filter is a
// blocked Bloom filter (Putze, Sanders, Singler: Cache-, hash- and space-efficient Bloom filters, 2007): one block of
// 512 bits holds all 8 bits of a token. With 12 bits per token, less than 1% of other tokens seem to be there.
// A filter has a budget, and is for identifiers: the shortest tokens, which are in nearly every frame, are left out as
// far as is needed to fit, and the filter says which these are. Text: spec/format-v2.md, "Filters".
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "towl/entry.hpp"
#include "v2/token_set.hpp"

namespace towl::detail::v2 {

/// How many bytes a writer spends on the filter of a frame: a twentieth of the payload, and no more than one for 400 of
/// text, since that text is what it can save reading; or hardly any. Random texts have as many tokens as bytes.
constexpr std::size_t most_filter_bytes(std::size_t payload_bytes, std::size_t text_bytes) {
  return std::max(std::min(payload_bytes / 20, text_bytes / 400), std::size_t{256});
}

/// What a filter needs of a token.
struct FilterToken {
  std::uint64_t hash = 0;
  TokenKind kind = TokenKind::letters;
  std::size_t length = 0;
};

/// Of a token, whose letters may be of any case.
FilterToken filter_token(std::string_view token);

/// Calls `visit` with each token of `text`.
template <class Visit>
void each_token(std::string_view text, Visit visit);

/// Gathers the tokens of a frame. Reusable. One thread at a time.
class TokenFilterBuilder {
 public:
  /// Adds an entry's text. In a journal entry with escapes the tokens of the unescaped text are added too, because that
  /// is what is searched. If one has an array of bytes, its frame gets no filter.
  void add(const EntryView& entry);

  /// The filter of all that was added, which is then forgotten. Empty if there can be none, or if a filter of only the
  /// longest tokens would take more than `most_bytes`.
  std::string finish(std::size_t most_bytes = ~std::size_t{0});

  /// Forgets all that was added.
  void clear();

  /// What was added since the last finish(), and whether there can be no filter of it.
  const TokenSet& tokens() const { return tokens_; }
  bool is_impossible() const { return impossible_; }

 private:
  void add_text(std::string_view text);

  TokenSet tokens_;
  // Short tokens that were added recently, as they are: most tokens of a log come again and again, and a look here
  // costs a tenth of a hash.
  struct ShortToken {
    std::uint64_t front = 0;
    std::uint64_t back = 0;
    friend bool operator==(const ShortToken&, const ShortToken&) = default;
  };
  static constexpr std::size_t kRecent = 4096;
  static ShortToken short_token(std::string_view token, const char* end);
  std::vector<ShortToken> recent_;
  bool impossible_ = false;
  std::string unescaped_;
};

/// False if no text of the filter's frame has this token. `filter` is what finish() returned; for bytes of a length
/// that no filter has the answer is true.
bool may_hold(std::string_view filter, const FilterToken& token);

// By table: texts are looked at byte by byte.
inline constexpr auto kTokenBytes = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0; c < table.size(); ++c) {
    table[c] = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_';
  }
  return table;
}();

/// Whether a byte is part of a token.
constexpr bool is_token_byte(char c) { return kTokenBytes[static_cast<unsigned char>(c)]; }

template <class Visit>
void each_token(std::string_view text, Visit visit) {
  for (std::size_t at = 0; at < text.size();) {
    while (at < text.size() && !is_token_byte(text[at])) ++at;
    const std::size_t begin = at;
    while (at < text.size() && is_token_byte(text[at])) ++at;
    if (at > begin) visit(text.substr(begin, at - begin));
  }
}

}  // namespace towl::detail::v2

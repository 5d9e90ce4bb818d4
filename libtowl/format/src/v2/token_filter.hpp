// A token filter says of a frame's texts which words they surely do not hold, so that a search can pass over the frame.
//
// A token is a run of ASCII letters, digits and underscores as long as it can be, in lower case. The filter is a
// blocked Bloom filter (Putze, Sanders, Singler: Cache-, hash- and space-efficient Bloom filters, 2007): one block of
// 512 bits holds all 8 bits of a token. With 12 bits of filter a token, less than 1% of the others seem to be there.
// A filter has a budget, and is for identifiers: the shortest tokens, of which nearly each frame has each, are left out
// as far as it takes, and it says which these are. Text: spec/format-v2.md, "Filters".
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
/// text, which is what it can save to look at; or hardly any. Texts that are random have as many tokens as bytes.
constexpr std::size_t most_filter_bytes(std::size_t payload_bytes, std::size_t text_bytes) {
  return std::max(std::min(payload_bytes / 20, text_bytes / 400), std::size_t{256});
}

/// What a filter goes by.
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
  /// Adds an entry's text. In a journal entry with escapes the tokens of what they stand for are added too, for that is
  /// what is searched; one with an array of bytes makes its frame one without a filter.
  void add(const EntryView& entry);

  /// The filter of all that was added, which is forgotten; empty where there can be none, and where one of the longest
  /// tokens alone would take more than `most_bytes`.
  std::string finish(std::size_t most_bytes = ~std::size_t{0});

  /// Forgets all that was added.
  void clear();

  /// What was added since the last finish(), and whether there can be no filter of it.
  const TokenSet& tokens() const { return tokens_; }
  bool is_impossible() const { return impossible_; }

 private:
  void add_text(std::string_view text);

  TokenSet tokens_;
  // Short tokens that were added lately, as they are: most tokens of a log come again and again, and a look here takes
  // a tenth of a hash.
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

/// False where no text of the filter's frame has this token. `filter` is what finish() gave; any other bytes of a
/// length that no filter has say true.
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

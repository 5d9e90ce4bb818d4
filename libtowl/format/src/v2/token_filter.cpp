#include "v2/token_filter.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

#include "bytes.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr unsigned kBitsPerToken = 8;
constexpr std::size_t kHeaderBytes = 8;  // The least lengths, and zeros.
// Of the filter; so that less than 1% of other tokens seem to be there.
constexpr std::size_t kRoomPerToken = 12;

std::size_t filter_bytes(std::size_t tokens) {
  return kHeaderBytes +
         std::max<std::size_t>(1, (tokens * kRoomPerToken + 8 * kBlockBytes - 1) / (8 * kBlockBytes)) * kBlockBytes;
}

// The place of bit `i` in the block: 9 bits of the hash's odd multiples.
std::uint32_t bit_of(std::uint64_t hash, unsigned i) {
  return static_cast<std::uint32_t>((hash * (2 * std::uint64_t{i} + 1) * 0x9E3779B97F4A7C15U) >> 55);
}

// The block is chosen by the upper half, the bits by the lower.
std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32);
}

std::uint64_t bits_of(std::uint64_t hash) { return hash & 0xFFFFFFFF; }

// JSON's escapes (RFC 8259, section 7) as what they stand for: ASCII as it is, all else as a separator of tokens.
void undo_escapes(std::string_view text, std::string& to) {
  to.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      to += text[i];
      continue;
    }
    unsigned code = ' ';
    if (text[++i] == 'u') {
      const std::string_view digits = text.substr(i + 1, 4);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
      if (error != std::errc() || end != digits.data() + 4 || code >= 0x80) code = ' ';
      i += std::min<std::size_t>(4, digits.size());
    }
    to += static_cast<char>(code);
  }
}

constexpr std::string_view kBlanks = " \t\r\n";

/// Whether `text`, if it is JSON, has an array outside of strings that begins with a digit: as a member's value, or in
/// another array.
bool may_have_byte_array(std::string_view text) {
  bool in_string = false;
  std::size_t known = 0;  // Up to here it is known what is in a string.
  for (std::size_t at = text.find('['); at != std::string_view::npos; at = text.find('[', at + 1)) {
    const std::size_t after = text.find_first_not_of(kBlanks, at + 1);
    if (after == std::string_view::npos || text[after] < '0' || text[after] > '9') continue;
    const std::size_t before = at == 0 ? std::string_view::npos : text.find_last_not_of(kBlanks, at - 1);
    if (before == std::string_view::npos || std::string_view(":[,").find(text[before]) == std::string_view::npos)
      continue;
    for (; known < at; ++known) {
      if (text[known] == '\\') {
        ++known;
      } else if (text[known] == '"') {
        in_string = !in_string;
      }
    }
    if (!in_string) return true;
  }
  return false;
}

}  // namespace

FilterToken filter_token(std::string_view token) {
  std::array<char, 64> lower;
  std::string large;
  char* to = lower.data();
  if (token.size() > lower.size()) {
    large.resize(token.size());
    to = large.data();
  }
  std::transform(token.begin(), token.end(), to,
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  const auto digits =
      static_cast<std::size_t>(std::count_if(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }));
  const TokenKind kind = digits == 0              ? TokenKind::letters
                         : digits == token.size() ? TokenKind::digits
                                                  : TokenKind::mixed;
  return {XXH3_64bits(to, token.size()), kind, token.size()};
}

void TokenFilterBuilder::add(const EntryView& entry) {
  add_text(entry.log_entry);
  if (entry.log_format != LogFormat::journal_json) return;
  // journalctl prints fields that are not text as arrays of numbers.
  impossible_ = impossible_ || may_have_byte_array(entry.log_entry);
  if (entry.log_entry.find('\\') == std::string_view::npos) return;
  undo_escapes(entry.log_entry, unescaped_);
  add_text(unescaped_);
}

void TokenFilterBuilder::add_text(std::string_view text) {
  if (recent_.empty()) recent_.resize(kRecent);
  const char* const end = text.data() + text.size();
  each_token(text, [&](std::string_view token) {
    if (token.size() <= 16) {
      const ShortToken as_is = short_token(token, end);
      const std::uint64_t mixed = (as_is.front ^ (as_is.back * 0x9E3779B97F4A7C15U)) * 0xBF58476D1CE4E5B9U;
      ShortToken& recent = recent_[mixed >> 52];
      if (recent == as_is) return;
      recent = as_is;
    }
    const FilterToken made = filter_token(token);
    tokens_.insert(made.hash, TokenClass(made.kind, made.length));
  });
}

// Its bytes and then zeros, which no token has. `end` is where the bytes that may be read end.
TokenFilterBuilder::ShortToken TokenFilterBuilder::short_token(std::string_view token, const char* end) {
  ShortToken as_is;
  if (end - token.data() < 16) {
    std::array<char, 16> bytes{};
    std::memcpy(bytes.data(), token.data(), token.size());
    as_is.front = load_little_endian<std::uint64_t>(bytes.data());
    as_is.back = load_little_endian<std::uint64_t>(bytes.data() + 8);
    return as_is;
  }
  as_is.front = load_little_endian<std::uint64_t>(token.data());
  as_is.back = load_little_endian<std::uint64_t>(token.data() + 8);
  if (token.size() <= 8) {
    as_is.back = 0;
    if (token.size() < 8) as_is.front &= (std::uint64_t{1} << (8 * token.size())) - 1;
  } else if (token.size() < 16) {
    as_is.back &= (std::uint64_t{1} << (8 * (token.size() - 8))) - 1;
  }
  return as_is;
}

void TokenFilterBuilder::clear() {
  recent_.assign(recent_.size(), ShortToken());
  tokens_.clear();
  impossible_ = false;
}

std::string TokenFilterBuilder::finish(std::size_t most_bytes) {
  std::size_t count = 0;
  const auto step = std::find_if(kLeastSteps.begin(), kLeastSteps.end(), [&](const LeastLengths& least) {
    count = tokens_.count_from(least);
    return filter_bytes(count) <= most_bytes;
  });
  if (impossible_ || step == kLeastSteps.end()) {
    clear();
    return {};
  }
  std::string filter(filter_bytes(count), '\0');
  std::copy(step->begin(), step->end(), filter.begin());
  const std::size_t blocks = (filter.size() - kHeaderBytes) / kBlockBytes;
  tokens_.each([&](std::uint64_t hash, TokenClass token) {
    if (!token.is_of(*step)) return;
    char* block = filter.data() + kHeaderBytes + block_of(hash, blocks) * kBlockBytes;
    for (unsigned i = 0; i < kBitsPerToken; ++i) {
      const std::uint32_t bit = bit_of(bits_of(hash), i);
      block[bit / 8] = static_cast<char>(block[bit / 8] | (1 << (bit % 8)));
    }
  });
  clear();
  return filter;
}

bool may_hold(std::string_view filter, const FilterToken& token) {
  if (filter.size() <= kHeaderBytes || (filter.size() - kHeaderBytes) % kBlockBytes != 0) return true;
  if (token.length < static_cast<unsigned char>(filter[static_cast<std::size_t>(token.kind)])) return true;
  const std::uint64_t hash = token.hash == 0 ? 1 : token.hash;
  const std::string_view all = filter.substr(kHeaderBytes);
  const char* block = all.data() + block_of(hash, all.size() / kBlockBytes) * kBlockBytes;
  for (unsigned i = 0; i < kBitsPerToken; ++i) {
    const std::uint32_t bit = bit_of(bits_of(hash), i);
    if ((block[bit / 8] & (1 << (bit % 8))) == 0) return false;
  }
  return true;
}

}  // namespace towl::detail::v2

#include "v2/token_filter.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include "bytes.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::size_t kBlockBytes = 64;
constexpr unsigned kBitsPerToken = 8;

// The place of bit `i` in the block: 9 bits of the hash's odd multiples.
std::uint32_t bit_of(std::uint64_t hash, unsigned i) {
  return static_cast<std::uint32_t>((hash * (2 * std::uint64_t{i} + 1) * 0x9E3779B97F4A7C15U) >> 55);
}

// The block is chosen by the upper half, the bits by the lower.
std::size_t block_of(std::uint64_t hash, std::size_t blocks) {
  return static_cast<std::size_t>(((hash >> 32) * blocks) >> 32);
}

std::uint64_t bits_of(std::uint64_t hash) { return hash & 0xFFFFFFFF; }

// JSON's escapes (RFC 8259, section 7) as what they stand for: ASCII as it is, all else as something between tokens.
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

}  // namespace

std::uint64_t token_hash(std::string_view token) {
  std::array<char, 64> lower;
  std::string large;
  char* to = lower.data();
  if (token.size() > lower.size()) {
    large.resize(token.size());
    to = large.data();
  }
  std::transform(token.begin(), token.end(), to,
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
  return XXH3_64bits(to, token.size());
}

void TokenFilterBuilder::add(const EntryView& entry) {
  add_text(entry.log_entry);
  if (entry.log_format != LogFormat::journal_json) return;
  // journalctl prints fields that are not text as arrays of numbers.
  if (entry.log_entry.find(":[") != std::string_view::npos || entry.log_entry.find(": [") != std::string_view::npos) {
    impossible_ = true;
  }
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
    insert(token_hash(token));
  });
}

// Its bytes and zeros behind them, which no token has. `end` is where the bytes that may be read end.
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

void TokenFilterBuilder::insert(std::uint64_t hash) {
  if (hash == 0) hash = 1;
  if (4 * (count_ + 1) > 3 * table_.size()) grow();
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = static_cast<std::size_t>(hash) & mask;; at = (at + 1) & mask) {
    if (table_[at] == hash) return;
    if (table_[at] != 0) continue;
    table_[at] = hash;
    ++count_;
    return;
  }
}

void TokenFilterBuilder::grow() {
  std::vector<std::uint64_t> old(std::max<std::size_t>(1024, 2 * table_.size()));
  old.swap(table_);
  count_ = 0;
  for (const std::uint64_t hash : old) {
    if (hash != 0) insert(hash);
  }
}

std::string TokenFilterBuilder::finish() {
  recent_.assign(recent_.size(), ShortToken());
  if (std::exchange(impossible_, false)) {
    std::fill(table_.begin(), table_.end(), 0);
    count_ = 0;
    return {};
  }
  const std::size_t blocks =
      std::max<std::size_t>(1, (count_ * kBitsPerToken + 8 * kBlockBytes - 1) / (8 * kBlockBytes));
  std::string filter(blocks * kBlockBytes, '\0');
  for (std::uint64_t& hash : table_) {
    if (hash == 0) continue;
    char* block = filter.data() + block_of(hash, blocks) * kBlockBytes;
    for (unsigned i = 0; i < kBitsPerToken; ++i) {
      const std::uint32_t bit = bit_of(bits_of(hash), i);
      block[bit / 8] = static_cast<char>(block[bit / 8] | (1 << (bit % 8)));
    }
    hash = 0;
  }
  count_ = 0;
  return filter;
}

bool may_hold(std::string_view filter, std::uint64_t hash) {
  if (filter.empty() || filter.size() % kBlockBytes != 0) return true;
  if (hash == 0) hash = 1;
  const char* block = filter.data() + block_of(hash, filter.size() / kBlockBytes) * kBlockBytes;
  for (unsigned i = 0; i < kBitsPerToken; ++i) {
    const std::uint32_t bit = bit_of(bits_of(hash), i);
    if ((block[bit / 8] & (1 << (bit % 8))) == 0) return false;
  }
  return true;
}

}  // namespace towl::detail::v2

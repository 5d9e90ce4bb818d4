// Unsigned integers in as few bytes as they need: LEB128, 7 bits a byte, the lowest first; signed ones by zigzag.
// At most ten bytes; a longer one, or one that does not fit 64 bits, is damage.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace towl::detail::v2 {

inline constexpr std::size_t kMaxVarintBytes = 10;

/// Writes to `to`, which has room for kMaxVarintBytes; returns the end.
inline char* put_varint(char* to, std::uint64_t value) {
  while (value >= 0x80) {
    *to++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *to++ = static_cast<char>(value);
  return to;
}

/// Reads the number at the front of `from` and takes it off.
inline std::optional<std::uint64_t> take_varint(std::string_view& from) {
  std::uint64_t value = 0;
  const std::size_t most = from.size() < kMaxVarintBytes ? from.size() : kMaxVarintBytes;
  for (std::size_t i = 0; i < most; ++i) {
    const auto byte = static_cast<unsigned char>(from[i]);
    if (i == kMaxVarintBytes - 1 && byte > 1) return std::nullopt;
    value |= static_cast<std::uint64_t>(byte & 0x7F) << (7 * i);
    if (byte < 0x80) {
      from.remove_prefix(i + 1);
      return value;
    }
  }
  return std::nullopt;
}

/// The difference of two times, modulo 2^64, small where they are close.
inline std::uint64_t zigzag_difference(std::int64_t value, std::int64_t base) {
  const std::uint64_t difference = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(base);
  return (difference << 1) ^ (0 - (difference >> 63));
}

inline std::int64_t add_zigzag(std::int64_t base, std::uint64_t zigzag) {
  const std::uint64_t difference = (zigzag >> 1) ^ (0 - (zigzag & 1));
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + difference);
}

}  // namespace towl::detail::v2

// Unsigned integers in as few bytes as they need: LEB128, 7 bits a byte, the lowest first; signed ones by zigzag.
// At most ten bytes; a longer one, or one that does not fit in 64 bits, is damage. ByteReader stays within its bytes.
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

/// Signed values with small magnitudes become small unsigned ones: 0, -1, 1, -2, 2 … are 0, 1, 2, 3, 4 ….
constexpr std::uint64_t zigzag(std::uint64_t value) { return (value << 1) ^ (0 - (value >> 63)); }
constexpr std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ (0 - (value & 1)); }

/// The difference of two times, modulo 2^64, small if they are close.
inline std::uint64_t zigzag_difference(std::int64_t value, std::int64_t base) {
  const std::uint64_t difference = static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(base);
  return zigzag(difference);
}

inline std::int64_t add_zigzag(std::int64_t base, std::uint64_t difference) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(base) + unzigzag(difference));
}

inline void put_byte(std::string& to, unsigned value) { to.push_back(static_cast<char>(value)); }

inline void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    put_byte(to, static_cast<unsigned>(value & 0x7F) | 0x80);
  }
  put_byte(to, static_cast<unsigned>(value));
}

/// Reads values one after the other. After the first missing one every value is 0 and ok() is false: check it
/// before you use a value for more than arithmetic.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : bytes_(bytes) {}

  bool ok() const { return ok_; }
  bool at_end() const { return ok_ && bytes_.empty(); }
  std::string_view rest() const { return bytes_; }

  unsigned byte() {
    const std::string_view one = take(1);
    return one.empty() ? 0 : static_cast<unsigned char>(one.front());
  }

  std::uint64_t varint() {
    const auto value = take_varint(bytes_);
    return value ? *value : fail();
  }

  /// A varint that is at most `limit`.
  std::uint64_t varint_up_to(std::uint64_t limit) {
    const std::uint64_t value = varint();
    return value <= limit ? value : fail();
  }

  std::string_view take(std::size_t count) {
    if (count > bytes_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = bytes_.substr(0, count);
    bytes_.remove_prefix(count);
    return taken;
  }

 private:
  std::uint64_t fail() {
    ok_ = false;
    bytes_ = {};
    return 0;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

}  // namespace towl::detail::v2

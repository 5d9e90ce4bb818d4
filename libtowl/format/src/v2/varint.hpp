// Unsigned LEB128 integers of at most ten bytes, and a reader of small values that never leaves its bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace towl::detail::v2 {

/// Signed values with small magnitudes become small unsigned ones: 0, -1, 1, -2, 2 … are 0, 1, 2, 3, 4 ….
constexpr std::uint64_t zigzag(std::uint64_t value) { return (value << 1) ^ (0 - (value >> 63)); }
constexpr std::uint64_t unzigzag(std::uint64_t value) { return (value >> 1) ^ (0 - (value & 1)); }

inline void put_byte(std::string& to, unsigned value) { to.push_back(static_cast<char>(value)); }

inline void put_varint(std::string& to, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    put_byte(to, static_cast<unsigned>(value & 0x7F) | 0x80);
  }
  put_byte(to, static_cast<unsigned>(value));
}

/// Reads values one after the other. After the first that is not there every value is 0 and ok() is false: check it
/// before a value is used for more than arithmetic.
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
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const unsigned next = byte();
      if (shift == 63 && next > 1) {
        break;
      }
      value |= std::uint64_t{next & 0x7F} << shift;
      if (next < 0x80) {
        return value;
      }
    }
    return fail();
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

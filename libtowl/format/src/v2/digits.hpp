// Decimal and hexadecimal numbers as texts: read only if printing gives exactly the same text again.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>

namespace towl::detail::v2 {

/// The longest text that print_decimal and print_hex make; they write at most so many bytes, but may write them all.
inline constexpr std::size_t kMaxNumberBytes = 20;

/// "0" to "9999999999999999999" without leading zeros.
inline std::optional<std::uint64_t> parse_decimal(std::string_view text) {
  if (text.empty() || text.size() > 19 || (text.front() == '0' && text.size() != 1)) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const unsigned digit = static_cast<unsigned char>(c) - unsigned{'0'};
    if (digit > 9) {
      return std::nullopt;
    }
    value = value * 10 + digit;
  }
  return value;
}

/// A lower-case hexadecimal digit's value; 16 or more for other bytes.
inline unsigned hex_digit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<unsigned>(c - '0');
  }
  return c >= 'a' && c <= 'f' ? static_cast<unsigned>(c - 'a') + 10 : 16;
}

/// "0" to "ffffffffffffffff" without leading zeros.
inline std::optional<std::uint64_t> parse_hex(std::string_view text) {
  if (text.empty() || text.size() > 16 || (text.front() == '0' && text.size() != 1)) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  for (const char c : text) {
    const unsigned digit = hex_digit(c);
    if (digit > 15) {
      return std::nullopt;
    }
    value = value << 4 | digit;
  }
  return value;
}

inline constexpr auto kTwoDigits = [] {
  std::array<char, 200> table{};
  for (std::size_t i = 0; i < 100; ++i) {
    table[2 * i] = static_cast<char>('0' + i / 10);
    table[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}();

/// Prints `value` to exactly `width` digits at `to`, dropping what does not fit.
inline void print_digits(std::uint64_t value, unsigned width, char* to) {
  char* at = to + width;
  for (; width >= 2; width -= 2) {
    at -= 2;
    std::memcpy(at, &kTwoDigits[2 * (value % 100)], 2);
    value /= 100;
  }
  if (width != 0) {
    *--at = static_cast<char>('0' + value % 10);
  }
}

inline unsigned decimal_digits(std::uint64_t value) {
  unsigned digits = 1;
  for (; value >= 10000; value /= 10000) {
    digits += 4;
  }
  return digits + (value >= 10 ? 1 : 0) + (value >= 100 ? 1 : 0) + (value >= 1000 ? 1 : 0);
}

/// Prints `value` at `to` and returns the text's length.
inline unsigned print_decimal(std::uint64_t value, char* to) {
  const unsigned digits = decimal_digits(value);
  print_digits(value, digits, to);
  return digits;
}

inline constexpr std::string_view kHexDigits = "0123456789abcdef";

inline unsigned print_hex(std::uint64_t value, char* to) {
  unsigned digits = 1;
  for (std::uint64_t rest = value >> 4; rest != 0; rest >>= 4) {
    ++digits;
  }
  for (char* at = to + digits; at != to; value >>= 4) {
    *--at = kHexDigits[value & 15];
  }
  return digits;
}

}  // namespace towl::detail::v2

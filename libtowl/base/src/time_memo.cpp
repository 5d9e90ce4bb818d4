#include "time_memo.hpp"

#include <cstring>

#include "bytes.hpp"

namespace towl::detail {
namespace {

/// Eight bytes at a time, the last of them twice.
bool same_second(const char* a, const char* b) {
  const auto load = [](const char* from) { return load_little_endian<std::uint64_t>(from); };
  return load(a) == load(b) && load(a + 8) == load(b + 8) && load(a + kSecondBytes - 8) == load(b + kSecondBytes - 8);
}

/// The nanoseconds in `digits` digits; nullopt if one is not a digit.
std::optional<std::uint32_t> read_fraction(const char* from, std::size_t digits) {
  std::uint32_t value = 0;
  unsigned wrong = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const auto digit = static_cast<unsigned>(static_cast<unsigned char>(from[i])) - '0';
    wrong |= static_cast<unsigned>(digit > 9);
    value = value * 10 + digit;
  }
  if (wrong != 0) return std::nullopt;
  return digits == 3 ? value * 1'000'000 : digits == 6 ? value * 1'000 : value;
}

void put_three(char* to, std::uint32_t value) {
  to[0] = static_cast<char>('0' + value / 100);
  to[1] = static_cast<char>('0' + value / 10 % 10);
  to[2] = static_cast<char>('0' + value % 10);
}

}  // namespace

std::optional<Timestamp> TimeReader::read(std::string_view text) {
  const std::size_t size = text.size();
  // Only the form that writers use is fast: Z, and 0, 3, 6 or 9 digits.
  const bool usual = (size == 20 || size == 24 || size == 27 || size == 30) && text.back() == 'Z' &&
                     (size == 20 || text[kSecondBytes] == '.');
  if (usual && same_second(text.data(), known_.data())) {
    const auto fraction = size == 20 ? 0U : read_fraction(text.data() + kSecondBytes + 1, size - kSecondBytes - 2);
    if (!fraction) return std::nullopt;
    return second_ + *fraction;
  }
  const auto time = parse_rfc3339(text);
  if (!time || !usual || text[10] != 'T') return time;
  // Not near the ends of what int64 holds, where the second's beginning or end may be outside.
  constexpr Timestamp kFar = std::numeric_limits<Timestamp>::max() - 2 * kNanosecondsPerSecond;
  if (*time > kFar || *time < -kFar) return time;
  const auto fraction = size == 20 ? 0U : read_fraction(text.data() + kSecondBytes + 1, size - kSecondBytes - 2);
  if (!fraction) return time;
  second_ = *time - *fraction;
  std::memcpy(known_.data(), text.data(), kSecondBytes);
  return time;
}

Rfc3339 TimeWriter::write(Timestamp time) {
  const std::int64_t fraction = time % kNanosecondsPerSecond;
  const std::int64_t second = time - fraction;
  if (fraction < 0) return format_rfc3339(time);  // Before 1970.
  if (second != second_) {
    known_ = format_rfc3339(second);
    second_ = second;
  }
  Rfc3339 result = known_;
  if (fraction == 0) return result;
  char* text = result.text.data() + kSecondBytes;
  *text++ = '.';
  const auto nanoseconds = static_cast<std::uint32_t>(fraction);
  put_three(text, nanoseconds / 1'000'000);
  text += 3;
  if (nanoseconds % 1'000'000 != 0) {
    put_three(text, nanoseconds / 1'000 % 1'000);
    text += 3;
    if (nanoseconds % 1'000 != 0) {
      put_three(text, nanoseconds % 1'000);
      text += 3;
    }
  }
  *text++ = 'Z';
  result.length = static_cast<std::uint8_t>(text - result.text.data());
  return result;
}

}  // namespace towl::detail

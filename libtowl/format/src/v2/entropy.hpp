// What bytes take if each has the ideal code for how often it is there: C. E. Shannon, "A Mathematical Theory of
// Communication", 1948, section 6.
#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace towl::detail::v2 {

/// In bits, for `count` bytes (at least one), of which `byte_at(i)` gives each.
template <class ByteAt>
double entropy_bits(std::size_t count, ByteAt byte_at) {
  std::array<std::array<std::uint32_t, 256>, 2> uses{};  // Two, so that equal neighbours do not wait for each other.
  for (std::size_t i = 0; i < count; ++i) ++uses[i & 1][static_cast<unsigned char>(byte_at(i))];
  double weighted = 0;
  for (std::size_t byte = 0; byte < 256; ++byte) {
    const std::uint32_t sum = uses[0][byte] + uses[1][byte];
    if (sum > 1) weighted += sum * std::log2(sum);
  }
  const auto n = static_cast<double>(count);
  return n * std::log2(n) - weighted;
}

}  // namespace towl::detail::v2

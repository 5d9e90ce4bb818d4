// What a column's description says of its values before any is unpacked: enough to rule most columns out of a search.
// LogGrep (EuroSys 2023) calls this a stamp.
#pragma once

#include <bitset>
#include <cstdint>
#include <string_view>
#include <vector>

#include "v2/column_reader.hpp"

namespace towl::detail::v2 {

struct ValueShape {
  /// In `places`: any digit, decimal or hexadecimal (lower case). Less is that byte itself.
  static constexpr std::uint16_t kDigit = 256;
  static constexpr std::uint16_t kHexDigit = 257;

  /// What is at each place of values that all have the same length. Empty: they do not, or nothing is known.
  std::vector<std::uint16_t> places = {};
  /// Otherwise: the bytes that may be in them …
  std::bitset<256> bytes = {};
  /// … and how many these are at most.
  std::uint64_t most = ~std::uint64_t{0};
};

/// Sound: what the shape does not allow is in no value of `column`.
ValueShape shape_of(const Column& column);

}  // namespace towl::detail::v2

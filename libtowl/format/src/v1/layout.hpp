// Where things are in a file of format version 1. Text: spec/format-v1.md.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace towl::detail::v1 {

inline constexpr std::array<std::uint8_t, 9> kMagic = {'t', 'o', 'w', 'l', 'f', 'i', 'l', 'e', '*'};
inline constexpr std::int32_t kVersion = 1;

inline constexpr std::size_t kPageBytes = 1024;
inline constexpr std::size_t kHeaderOffset = 0;
inline constexpr std::size_t kIndexOffset = kPageBytes;
inline constexpr std::size_t kDataOffset = 2 * kPageBytes;

/// The shortest entry: three string lengths, a log format, a time of 20 bytes.
inline constexpr std::size_t kMinEntryBytes = 8 + 8 + 20 + 4 + 8;

}  // namespace towl::detail::v1

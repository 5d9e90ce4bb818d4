// Where things are in a file of format version 2. Text: spec/format-v2.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace towl::detail::v2 {

inline constexpr std::string_view kMagic = "towlfile2";
inline constexpr std::int32_t kVersion = 2;

inline constexpr std::size_t kPageBytes = 1024;
inline constexpr std::size_t kHeaderOffset = 0;
inline constexpr std::size_t kIndexOffset = kPageBytes;

/// The header page: the values of format 1, then from here what format 2 adds, then the checksum.
inline constexpr std::size_t kExtensionOffset = 768;
inline constexpr std::size_t kHeaderChecksumOffset = kPageBytes - 4;

/// The index page: two slots, each in a disk sector of its own, written in turn.
inline constexpr std::size_t kSlotBytes = 512;
inline constexpr std::size_t kSlots = 2;

/// Frames begin after the pages.
inline constexpr std::size_t kFramesOffset = 2 * kPageBytes;
inline constexpr std::string_view kFrameMagic = "TWLF";
inline constexpr std::size_t kFrameHeaderBytes = 120;
inline constexpr std::size_t kFrameAlignment = 8;

/// Where the first frame with entries begins: after the frame that repeats the header page.
inline constexpr std::size_t kDataOffset = kFramesOffset + kFrameHeaderBytes + kPageBytes;

/// No file is larger, so sums of an offset and a length cannot overflow.
inline constexpr std::uint64_t kMaxFileBytes = std::uint64_t{1} << 60;

/// The most entries of one frame: bounds the memory that a frame of empty entries makes a reader allocate.
inline constexpr std::uint32_t kMaxFrameEntries = std::uint32_t{1} << 16;

constexpr std::uint64_t aligned(std::uint64_t bytes) {
  return (bytes + kFrameAlignment - 1) / kFrameAlignment * kFrameAlignment;
}

}  // namespace towl::detail::v2

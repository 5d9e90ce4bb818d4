// What the formats say about a file's size: to check what another host says about a file before asking for it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace towl {

/// Bytes of the header page, and of the index page after it. spec/format-v1.md, "Layout"; format 2 has them too.
inline constexpr std::size_t kPageBytes = 1024;

/// A file without entries, in either format: its two pages. Entries come after them.
inline constexpr std::uint64_t kMinFileBytes = 2 * kPageBytes;

/// The shortest entry of format 1: three string lengths, a log format, a time of 20 bytes. Format 2 has no such bound:
/// it compresses.
inline constexpr std::uint64_t kMinEntryBytesV1 = 8 + 8 + 20 + 4 + 8;

}  // namespace towl

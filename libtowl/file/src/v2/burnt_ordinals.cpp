#include "v2/burnt_ordinals.hpp"

#include <algorithm>

#include "towl/time.hpp"
#include "v2/frame_cursor.hpp"
#include "v2/layout.hpp"

namespace towl::detail::v2 {
namespace {

// Bytes that are not a frame may have been one with this many entries, or with one for each byte.
constexpr std::uint64_t kBurntOrdinals = kMaxFrameEntries;

}  // namespace

Result<Ordinal> end_of_torn_entries(File& file, std::uint32_t tag, std::uint64_t begin, std::uint64_t size,
                                    Ordinal known) {
  Ordinal end = known;
  std::uint64_t at = begin;
  FrameCursor cursor(file, tag, at);
  for (;;) {
    FrameHeader header;
    const auto found = cursor.find(at, kAnyOffset, [&](const FrameHeader& h, std::uint64_t) {
      header = h;
      return true;
    });
    if (!found) return fail(found.error());
    if (!*found) break;
    if (holds_entries(header.kind)) end = std::max(end, header.end());
    at = **found + header.bytes();
  }
  return at >= size ? end : end + std::max(kBurntOrdinals, size - at);
}

FrameHeader gap_of_burnt(Ordinal first, Ordinal end, std::uint64_t digest) {
  FrameHeader gap;
  gap.kind = FrameKind::gap;
  gap.first = first;
  gap.count = static_cast<std::uint32_t>(std::min<std::uint64_t>(end - first, kMaxBurntOrdinals));
  gap.digest = digest;
  gap.min = gap.max = gap.event_min = gap.event_max = now();
  return gap;
}

}  // namespace towl::detail::v2

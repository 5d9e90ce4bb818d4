// What an index learns about a frame's entries from its header alone.
#pragma once

#include <algorithm>

#include "towl/header.hpp"
#include "v2/frame.hpp"

namespace towl::detail::v2 {

/// Counts a data frame or a gap in `index`: all but the count, the first and the last time and the digest. The header
/// does not have these, or the caller knows them better.
inline void count_frame(const FrameHeader& header, Index& index) {
  if (header.kind == FrameKind::gap) {
    ++index.gaps;
    return;
  }
  ++index.frames;
  index.text_bytes += header.text_bytes;
  index.min = std::min(index.min.value_or(header.min), header.min);
  index.max = std::max(index.max.value_or(header.max), header.max);
  index.event_min = std::min(index.event_min.value_or(header.event_min), header.event_min);
  index.event_max = std::max(index.event_max.value_or(header.event_max), header.event_max);
}

}  // namespace towl::detail::v2

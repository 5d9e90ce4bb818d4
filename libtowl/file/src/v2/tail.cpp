#include "v2/tail.hpp"

#include <algorithm>

#include "pages_io.hpp"
#include "v2/digest.hpp"
#include "v2/header_io.hpp"

namespace towl::detail::v2 {

Result<Slot> first_slot(File& file) {
  const auto page = read_header_page(file);
  if (!page) return fail(page.error());
  const auto front = encode_front(*page);
  if (!front) return fail(front.error());
  Slot slot;
  slot.index.opened = page->created;
  slot.chain = first_chain(*front);
  // The frame in front of the first one is the header page's; where it is whole it is named as it is.
  FrameHeader header;
  FrameCursor cursor(file, file_tag(page->header.uuid), kFramesOffset);
  const auto found = cursor.header(header);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame && header.kind == FrameKind::header) slot.chain = header.header_checksum;
  return slot;
}

Tail::Tail(File& file, std::uint32_t tag, Slot from, Ordinal durable)
    : walker_(file, tag, {.at = {from.index.count, from.data_end}, .chain = from.chain, .durable = durable}),
      slot_(std::move(from)),
      points_(slot_.points) {}

Result<void> Tail::walk() {
  FrameHeader header;
  for (;;) {
    const std::uint64_t at = walker_.position().offset;
    auto walked = walker_.next(header);
    std::string_view payload;
    if (walked && *walked == Walked::frame) walked = walker_.payload(payload);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::end) break;
    if (*walked == Walked::damage) {
      const Damage& damage = walker_.damage();
      damage_.push_back({damage.offset, damage.first, damage.what});
    } else if (auto taken = take(header, payload, at); !taken) {
      return taken;
    }
  }
  slot_.index.count = walker_.position().ordinal;
  slot_.data_end = walker_.position().offset;
  slot_.points = points_.points();
  return {};
}

Result<void> Tail::take(const FrameHeader& header, std::string_view payload, std::uint64_t at) {
  Index& index = slot_.index;
  slot_.chain = header.header_checksum;
  index.digest = header.digest;
  if (header.kind == FrameKind::gap) {
    ++index.gaps;
    return {};
  }
  points_.add({header.first, at});
  ++index.frames;
  index.text_bytes += header.text_bytes;
  index.min = std::min(index.min.value_or(header.min), header.min);
  index.max = std::max(index.max.value_or(header.max), header.max);
  if (auto begun = decoder_.begin(header, payload); !begun) return begun;
  EntryView entry;
  for (;;) {
    const auto more = decoder_.next(entry);
    if (!more) return fail(more.error());
    if (!*more) return {};
    if (!index.first) index.first = entry.received;
    index.last = entry.received;
    index.digest = extend_digest(index.digest, entry);
  }
}

}  // namespace towl::detail::v2

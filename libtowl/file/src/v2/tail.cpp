#include "v2/tail.hpp"

#include "pages_io.hpp"
#include "v2/count_frame.hpp"
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
  slot.last_frame = kFramesOffset;
  return slot;
}

Tail::Tail(File& file, std::uint32_t tag, Slot from, std::optional<Anchor> anchor)
    : walker_(file, tag,
              {.at = {from.index.count, from.data_end},
               .chain = from.chain,
               .durable = from.index.count,
               .anchor = anchor}),
      cursor_(file, tag, from.data_end),
      slot_(std::move(from)),
      points_(slot_.points) {}

Result<void> Tail::walk() {
  FrameHeader header;
  for (;;) {
    const Position at = walker_.position();
    auto walked = walker_.next(header);
    std::string_view payload;
    if (walked && *walked == Walked::frame) walked = walker_.payload(payload);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::end) break;
    if (*walked == Walked::damage) {
      const Damage& damage = walker_.damage();
      damage_.push_back({damage.offset, damage.first, damage.what});
    } else if (auto taken = take(header, payload, at.offset); !taken) {
      return taken;
    }
  }
  slot_.index.count = walker_.position().ordinal;
  slot_.data_end = walker_.position().offset;
  slot_.points = points_.points();
  return decode_last();
}

// Headers tell all but the first and the last time and the digest behind the last entry: of the frames between the
// first and the last one the checksums are proof enough.
Result<void> Tail::take(const FrameHeader& header, std::string_view payload, std::uint64_t at) {
  Index& index = slot_.index;
  slot_.chain = header.header_checksum;
  slot_.last_frame = at;
  index.digest = header.digest;
  last_at_.reset();
  count_frame(header, index);
  if (header.kind == FrameKind::gap) return {};
  last_at_ = at;
  points_.add({header.first, at});
  if (index.first) return {};
  if (auto begun = decoder_.begin(header, payload); !begun) return begun;
  EntryView entry;
  if (const auto more = decoder_.next(entry); !more) return fail(more.error());
  index.first = entry.received;
  return {};
}

Result<void> Tail::decode_last() {
  if (!last_at_) return {};
  cursor_.move_to(*last_at_);
  FrameHeader header;
  std::string_view payload;
  auto found = cursor_.header(header);
  if (found && *found == FrameFound::frame) found = cursor_.payload(header, payload);
  if (!found) return fail(found.error());
  if (auto begun = decoder_.begin(header, payload); !begun) return begun;
  EntryView entry;
  for (;;) {
    const auto more = decoder_.next(entry);
    if (!more) return fail(more.error());
    if (!*more) return {};
    slot_.index.last = entry.received;
    slot_.index.digest = extend_digest(slot_.index.digest, entry);
  }
}

}  // namespace towl::detail::v2

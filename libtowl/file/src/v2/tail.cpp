#include "v2/tail.hpp"

#include "pages_io.hpp"
#include "v2/count_frame.hpp"
#include "v2/digest.hpp"
#include "v2/header_io.hpp"

namespace towl::detail::v2 {

Result<Slot> first_slot(File& file) {
  const auto page = read_header_page(file);
  if (!page) return fail(page.error());
  Slot slot;
  if (is_header_lost(*page)) return slot;
  const auto front = encode_front(*page);
  if (!front) return fail(front.error());
  slot.index.opened = page->created;
  slot.chain = first_chain(*front);
  slot.last_frame = kFramesOffset;
  return slot;
}

Tail::Tail(File& file, std::uint32_t tag, Slot from, const std::optional<Slot>& newest)
    : walker_(file, tag, newest, start_of(from)),
      cursor_(file, tag, from.data_end),
      slot_(std::move(from)),
      points_(slot_.points),
      last_end_(slot_.index.count) {}

Result<void> Tail::walk() {
  FrameHeader header;
  for (;;) {
    auto walked = walker_.next_of_any_kind(header);
    std::string_view payload;
    if (walked && *walked == Walked::frame) {
      const auto whole = look_at(header, payload, walked);
      if (!whole) return fail(whole.error());
      if (!*whole) continue;
    }
    if (!walked) return fail(walked.error());
    if (*walked == Walked::end) break;
    if (*walked == Walked::damage) {
      const Damage& damage = walker_.damage();
      damage_.push_back({damage.offset, damage.first, lost_text(damage)});
      lost_ += damage.last - damage.first;
      doubtful_.reset();
    } else if (auto taken = take(header, payload, walker_.frame_offset()); !taken) {
      return taken;
    }
  }
  slot_.index.count = walker_.position().ordinal;
  slot_.data_end = doubtful_ ? doubtful_->at.offset : walker_.position().offset;
  slot_.chain = (doubtful_ ? doubtful_->chain : walker_.chain()).value_or(0);
  slot_.points = points_.points();
  return decode_last();
}

// A frame without entries that is not whole is skipped, as by readers, if a whole one follows; if none does, it was
// being written. `walked` is for what has entries.
Result<bool> Tail::look_at(const FrameHeader& header, std::string_view& payload, Result<Walked>& walked) {
  if (holds_entries(header.kind)) {
    const WalkStart behind = doubtful_.value_or(WalkStart{});
    walked = walker_.payload(payload);
    if (walked && *walked == Walked::frame && doubtful_) {
      damage_.push_back({behind.at.offset, behind.at.ordinal, "a frame without entries is damaged; no entry is lost"});
    }
    if (walked && *walked != Walked::end) doubtful_.reset();
    return true;
  }
  std::string_view frame;
  auto whole = walker_.is_whole(frame);
  if (!whole) return whole;
  if (*whole) {
    doubtful_.reset();
  } else if (!doubtful_) {
    doubtful_ = WalkStart{.at = {header.first, walker_.frame_offset()}, .chain = header.previous};
  }
  return whole;
}

Result<Index> count_index(File& file, const Header& header) {
  const auto tag = tag_of(file, header);
  if (!tag) return fail(tag.error());
  auto first = first_slot(file);
  if (!first) return fail(std::move(first.error()));
  Tail tail(file, *tag, std::move(*first), std::nullopt);
  if (auto walked = tail.walk(); !walked) return fail(std::move(walked.error()));
  return tail.slot().index;
}

// Headers have all but the first and the last time and the digest after the last entry. For the frames between the
// first and the last one, the checksums are proof enough.
Result<void> Tail::take(const FrameHeader& header, std::string_view payload, std::uint64_t at) {
  Index& index = slot_.index;
  slot_.last_frame = at;
  if (header.life != slot_.life) {
    slot_.life = header.life;
    slot_.life_begin = header.first;
  }
  last_end_ = header.end();
  if (travels(header.kind)) last_heads_.push_back(header.payload_checksum);
  if (!holds_entries(header.kind)) return {};
  last_heads_.clear();
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

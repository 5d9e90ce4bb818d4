#include "v2/frame_walker.hpp"

#include <algorithm>

namespace towl::detail::v2 {
FrameWalker::FrameWalker(File& file, std::uint32_t tag, const WalkStart& start)
    : cursor_(file, tag, start.at.offset),
      at_(start.at),
      chain_(start.chain),
      durable_(start.durable),
      within_(start.within),
      anchor_(start.anchor) {}

void FrameWalker::move_to(const WalkStart& start) {
  at_ = start.at;
  chain_ = start.chain;
  durable_ = std::max(durable_, start.durable);
  within_ = start.within;
  last_durable_ = 0;
}

Result<Walked> FrameWalker::next(FrameHeader& header) {
  torn_.clear();
  cursor_.move_to(at_.offset);
  const auto found = cursor_.header(header);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame) {
    const bool follows = !chain_ || header.previous == *chain_;
    // What stands behind the entries of a sealed file.
    if (follows && header.kind > FrameKind::gap && at_.ordinal >= std::max(durable_, header.durable))
      return Walked::end;
    const bool within = within_ && header.first <= at_.ordinal;
    if (follows && holds_entries(header.kind) && (header.first == at_.ordinal || within)) {
      within_ = false;
      header_ = header;
      header_at_ = at_.offset;
      at_ = {header.end(), at_.offset + header.bytes()};
      chain_ = header.header_checksum;
      durable_ = std::max(durable_, header.durable);
      last_durable_ = std::max(last_durable_, header.durable);
      return Walked::frame;
    }
  }
  if (*found == FrameFound::incomplete && at_.ordinal >= durable_) return Walked::end;
  const char* what = *found == FrameFound::frame        ? "a frame that belongs elsewhere"
                     : *found == FrameFound::incomplete ? "the file ends before its entries do"
                                                        : "bytes that are no frame of this file";
  return resume_behind_damage(at_.offset, at_.offset, what);
}

// Whether a whole frame behind damage is one of the file as it is now, and not of an earlier life: what follows names
// it, as far as frames follow each other, and comes to where the index slot says. Lost entries further on prove
// nothing.
Result<bool> FrameWalker::belongs_here(const Found& found) {
  // Without lost entries in between it names the frame before it.
  if (chain_ && found.header.first == at_.ordinal) return found.header.previous == *chain_;
  if (found.header.kind == FrameKind::data && found.header.durable < last_durable_) return false;
  if (anchor_ && found.header.first >= anchor_->at.ordinal && at_.ordinal <= anchor_->at.ordinal) {
    return found.header.first == anchor_->at.ordinal && found.header.previous == anchor_->chain;
  }
  cursor_.move_to(found.offset);
  std::string_view frame;
  const auto whole = cursor_.stored(found.header, frame);
  if (!whole) return fail(whole.error());
  if (*whole != FrameFound::frame) return false;
  FrameHeader header = found.header;
  std::uint64_t end = found.offset + header.bytes();
  for (;;) {
    if (anchor_ && found.header.first < anchor_->at.ordinal && header.end() >= anchor_->at.ordinal) {
      return header.end() == anchor_->at.ordinal && header.header_checksum == anchor_->chain;
    }
    const FrameHeader last = header;
    cursor_.move_to(end);
    const auto next = cursor_.header(header);
    if (!next) return fail(next.error());
    if (*next == FrameFound::frame) {
      if (header.previous != last.header_checksum) return false;
      if (!holds_entries(header.kind)) return true;
      end += header.bytes();
      continue;
    }
    const auto until = anchor_ ? std::max(anchor_->at.offset, end) : kMaxFileBytes;
    const auto behind = cursor_.find(end, until, [&](const FrameHeader& h) {
      header = h;
      return holds_entries(h.kind);
    });
    if (!behind) return fail(behind.error());
    if (!*behind || header.first > last.end()) return true;
    return header.first == last.end() && header.previous == last.header_checksum;
  }
}

// The first frame in [from, until) that can be the next one, or what stands behind the entries of a sealed file. What
// the others say of durability holds all the same.
Result<std::optional<FrameWalker::Found>> FrameWalker::find_next(std::uint64_t from, std::uint64_t until, Ordinal first,
                                                                 Ordinal end) {
  Found found;
  const auto wanted = [&](const FrameHeader& header) {
    if (header.kind == FrameKind::header) return false;
    durable_ = std::max(durable_, header.durable);
    if (holds_entries(header.kind) && (header.first < first || header.first >= end)) return false;
    found.header = header;
    return true;
  };
  for (;;) {
    const auto offset = cursor_.find(from, until, wanted);
    if (!offset) return fail(offset.error());
    if (!*offset) return std::nullopt;
    found.offset = **offset;
    if (!holds_entries(found.header.kind)) return found;
    const auto belongs = belongs_here(found);
    if (!belongs) return fail(belongs.error());
    if (*belongs) return found;
    from = found.offset + kFrameAlignment;
  }
}

// A frame that is whole but in a wrong place may be the next one behind lost ones: the search begins with it.
Result<Walked> FrameWalker::resume_behind_damage(std::uint64_t offset, std::uint64_t search_from, std::string what) {
  // Where the slot's entries end is a place to go on at, whatever is in front of it.
  const bool before_anchor = anchor_ && at_.ordinal < anchor_->at.ordinal;
  const auto next = before_anchor ? find_next(search_from, anchor_->at.offset, at_.ordinal, anchor_->at.ordinal)
                                  : find_next(search_from, kMaxFileBytes, at_.ordinal, kMaxFileBytes);
  if (!next) return fail(next.error());
  const bool data = *next && holds_entries((*next)->header.kind);
  // A torn tail: nothing behind it says that it was ever durable. A frame behind it alone proves nothing, for pages
  // reach the disk in any order.
  if (at_.ordinal >= durable_ && (!*next || data)) {
    torn_ = std::move(what);
    return Walked::end;
  }
  damage_ = {.offset = offset, .end = 0, .first = at_.ordinal, .last = 0, .what = std::move(what)};
  chain_.reset();
  if (data) {
    damage_.last = (*next)->header.first;
    damage_.end = (*next)->offset;
    at_ = {damage_.last, damage_.end};
  } else if (before_anchor) {
    damage_.last = anchor_->at.ordinal;
    damage_.end = std::max(offset, anchor_->at.offset);
    at_ = {damage_.last, damage_.end};  // Never back, whatever the slot says.
    chain_ = anchor_->chain;
  } else {
    damage_.last = std::max(durable_, at_.ordinal);
    damage_.end = *next ? (*next)->offset : offset;
    at_ = {damage_.last, *next ? (*next)->offset : kMaxFileBytes};
  }
  return Walked::damage;
}

// The header says how long the frame was, which does not mean that all of it is still there: a file that was cut off
// and written to again has new frames within, or right behind, which name the last whole one.
Result<Walked> FrameWalker::pass_damaged_payload(FrameFound found) {
  const Position behind{header_.end(), header_at_ + header_.bytes()};
  damage_ = {.offset = header_at_,
             .end = behind.offset,
             .first = header_.first,
             .last = header_.end(),
             .what = found == FrameFound::incomplete ? "the file ends within a frame"
                                                     : "a frame whose payload does not fit its checksum"};
  at_ = behind;
  chain_ = header_.header_checksum;
  FrameHeader next;
  cursor_.move_to(behind.offset);
  const auto followed = cursor_.header(next);
  if (!followed) return fail(followed.error());
  if (*followed == FrameFound::frame && next.previous == header_.header_checksum) return Walked::damage;
  chain_.reset();
  const auto within =
      find_next(header_at_ + kFrameHeaderBytes, behind.offset + kFrameAlignment, header_.end(), kMaxFileBytes);
  if (!within) return fail(within.error());
  chain_ = header_.header_checksum;
  if (*within && holds_entries((*within)->header.kind)) {
    damage_.end = (*within)->offset;
    damage_.last = (*within)->header.first;
    at_ = {damage_.last, damage_.end};
    chain_.reset();
  }
  return Walked::damage;
}

Result<Walked> FrameWalker::stored(std::string_view& frame) {
  cursor_.move_to(header_at_);
  const auto found = cursor_.stored(header_, frame);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame) return Walked::frame;
  if (header_.first < durable_) return pass_damaged_payload(*found);
  // As if next() had not found it.
  at_ = {header_.first, header_at_};
  chain_ = header_.previous;
  return resume_behind_damage(header_at_, header_at_ + header_.bytes(), "a frame that is not all there");
}

Result<Walked> FrameWalker::payload(std::string_view& payload) {
  std::string_view frame;
  auto walked = stored(frame);
  if (walked && *walked == Walked::frame) payload = payload_of(frame, header_);
  return walked;
}

}  // namespace towl::detail::v2

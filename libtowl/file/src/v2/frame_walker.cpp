#include "v2/frame_walker.hpp"

#include <algorithm>

namespace towl::detail::v2 {
namespace {

bool holds_entries(FrameKind kind) { return kind == FrameKind::data || kind == FrameKind::gap; }

}  // namespace

FrameWalker::FrameWalker(File& file, std::uint32_t tag, const WalkStart& start)
    : cursor_(file, tag, start.at.offset), at_(start.at), chain_(start.chain), durable_(start.durable), within_(start.within) {}

void FrameWalker::move_to(const WalkStart& start) {
  at_ = start.at;
  chain_ = start.chain;
  durable_ = std::max(durable_, start.durable);
  within_ = start.within;
}

Result<Walked> FrameWalker::next(FrameHeader& header) {
  torn_.clear();
  cursor_.move_to(at_.offset);
  const auto found = cursor_.header(header);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame) {
    const bool follows = !chain_ || header.previous == *chain_;
    // What stands behind the entries of a sealed file.
    if (follows && header.kind > FrameKind::gap) return Walked::end;
    const bool within = within_ && header.first <= at_.ordinal;
    if (follows && holds_entries(header.kind) && (header.first == at_.ordinal || within)) {
      within_ = false;
      header_ = header;
      header_at_ = at_.offset;
      at_ = {header.end(), at_.offset + header.bytes()};
      chain_ = header.header_checksum;
      durable_ = std::max(durable_, header.durable);
      return Walked::frame;
    }
  }
  if (*found == FrameFound::incomplete && at_.ordinal >= durable_) return Walked::end;
  const char* what = *found == FrameFound::frame        ? "a frame that belongs elsewhere"
                     : *found == FrameFound::incomplete ? "the file ends before its entries do"
                                                        : "bytes that are no frame of this file";
  return resume_behind_damage(at_.offset, at_.offset, what);
}

// A frame that is whole but in a wrong place may be the next one behind lost ones: the search begins with it.
Result<Walked> FrameWalker::resume_behind_damage(std::uint64_t offset, std::uint64_t search_from, std::string what) {
  const Ordinal lost_from = at_.ordinal;
  FrameHeader next;
  const auto follows = [&](const FrameHeader& header) {
    if (header.kind == FrameKind::header || (holds_entries(header.kind) && header.first < lost_from)) return false;
    next = header;
    return true;
  };
  const auto found = cursor_.find(search_from, follows);
  if (!found) return fail(found.error());
  const bool data = *found && holds_entries(next.kind);
  if (data && std::max(durable_, next.durable) < std::max(next.first, lost_from + 1)) {
    // Whether what is lost was ever durable, any frame behind it may tell, not the next one alone.
    const auto tells = [&](const FrameHeader& header) {
      if (header.kind != FrameKind::header) durable_ = std::max(durable_, header.durable);
      return durable_ >= next.first && durable_ > lost_from;
    };
    if (const auto told = cursor_.find(**found, tells); !told) return fail(told.error());
  }
  // A torn tail: nothing behind it says that it was ever durable. A frame behind it alone proves nothing, for pages
  // reach the disk in any order.
  if (at_.ordinal >= durable_ && (!*found || next.durable <= at_.ordinal) && !(*found && !data)) {
    torn_ = std::move(what);
    return Walked::end;
  }
  damage_ = {.offset = offset, .end = 0, .first = lost_from, .last = 0, .what = std::move(what)};
  if (data) {
    // Lost is what was durable; a frame that begins above that is of the torn tail, where the next call finds it.
    damage_.end = **found;
    damage_.last = std::min(next.first, std::max({durable_, next.durable, lost_from}));
    at_ = {damage_.last, **found};
  } else {
    const Ordinal last = std::max({durable_, at_.ordinal, *found ? next.durable : 0});
    damage_.last = last;
    damage_.end = *found ? **found : offset;
    at_ = {last, *found ? **found : offset};
    if (!*found) at_.offset = kMaxFileBytes;
  }
  chain_.reset();
  return Walked::damage;
}

Result<Walked> FrameWalker::stored(std::string_view& frame) {
  cursor_.move_to(header_at_);
  const auto found = cursor_.stored(header_, frame);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame) return Walked::frame;
  // As if next() had not found it.
  at_ = {header_.first, header_at_};
  chain_ = header_.previous;
  const Position behind{header_.end(), header_at_ + header_.bytes()};
  if (header_.first < durable_) {
    damage_ = {.offset = header_at_,
               .end = behind.offset,
               .first = header_.first,
               .last = header_.end(),
               .what = *found == FrameFound::incomplete ? "the file ends within a frame"
                                                        : "a frame whose payload does not fit its checksum"};
    at_ = behind;
    chain_ = header_.header_checksum;
    return Walked::damage;
  }
  return resume_behind_damage(header_at_, behind.offset, "a frame that is not all there");
}

Result<Walked> FrameWalker::payload(std::string_view& payload) {
  std::string_view frame;
  auto walked = stored(frame);
  if (walked && *walked == Walked::frame) payload = payload_of(frame, header_);
  return walked;
}

}  // namespace towl::detail::v2

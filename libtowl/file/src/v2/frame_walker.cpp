#include "v2/frame_walker.hpp"

#include <algorithm>
#include <utility>

#include "v2/header_io.hpp"

namespace towl::detail::v2 {
namespace {

// So many frames that name each other are where they belong: nothing that moves blocks moves so many.
constexpr std::size_t kBelievedFrames = 64;

// Filters, directory and footer of a sealed file.
bool ends_entries(FrameKind kind) { return kind >= FrameKind::filter && kind <= FrameKind::footer; }

// The ordinal that comes next at this frame. Frames after the entries come after all of them.
Ordinal ordinal_of(const FrameHeader& header) { return ends_entries(header.kind) ? header.durable : header.first; }

Ordinal ordinal_after(const FrameHeader& header) {
  return holds_entries(header.kind) ? header.end() : ordinal_of(header);
}

}  // namespace

std::string lost_text(const Damage& damage) {
  if (damage.last <= damage.first) return damage.what + "; no entry is lost";
  if (damage.last - damage.first == 1) return damage.what + "; entry " + std::to_string(damage.first) + " is lost";
  return damage.what + "; entries " + std::to_string(damage.first) + " to " + std::to_string(damage.last - 1) +
         " are lost";
}

FrameWalker::FrameWalker(File& file, std::uint32_t tag, const std::optional<Slot>& slot, const WalkStart& start)
    : file_(&file), cursor_(file, tag, start.at.offset) {
  if (slot) {
    count_ = slot->index.count;
    data_end_ = slot->data_end;
    if (slot->chain != 0) count_chain_ = slot->chain;
    life_ = slot->life;
    life_begin_ = slot->life_begin;
    knows_slot_ = true;
  }
  move_to(start);
}

// What the first frame names is known from the header page, even if the frame that repeats it is damaged.
Result<void> FrameWalker::begin_at_first() {
  is_at_first_ = false;
  const auto page = read_header_page(*file_);
  if (!page) return page.error().code == ErrorCode::io ? fail(page.error()) : Result<void>();
  if (is_header_lost(*page)) return {};
  const auto front = encode_front(*page);
  if (front) now_.chain = first_chain(*front);
  return {};
}

void FrameWalker::move_to(const WalkStart& start) {
  is_at_first_ = start.at == Position{0, kDataOffset} && !start.chain;
  now_ = before_ = {.at = start.at, .chain = start.chain, .life = {}, .within = start.within};
}

// From where a later life begins, a frame of an earlier life is not a frame of this file. Ordinals say where: offsets
// change when bytes are inserted or removed.
bool FrameWalker::is_of_this_life(const FrameHeader& header) const {
  const Life& life = header.life;
  if (now_.life &&
      (life.number < now_.life->number || (life.number == now_.life->number && life.random != now_.life->random))) {
    return false;
  }
  if (!knows_slot_ || life.number > life_.number) return true;  // The slot may be an old one.
  if (life == life_) return ordinal_of(header) >= life_begin_;
  return life.number < life_.number && ordinal_after(header) <= life_begin_;
}

bool FrameWalker::is_linked(const FrameHeader& header) const {
  return now_.chain && header.previous == *now_.chain && ordinal_of(header) == now_.at.ordinal;
}

bool FrameWalker::follows(const FrameHeader& header) const {
  if (now_.chain && header.previous != *now_.chain) return false;
  if (!is_of_this_life(header)) return false;
  if (now_.within && holds_entries(header.kind)) {
    return header.first <= now_.at.ordinal && now_.at.ordinal <= header.end();
  }
  // The number of entries is known from the slot, or from what comes after them.
  return ends_entries(header.kind) ? ordinal_of(header) >= now_.at.ordinal : header.first == now_.at.ordinal;
}

void FrameWalker::pass(const FrameHeader& header) {
  before_ = now_;
  header_ = header;
  now_ = {.at = {ordinal_after(header), now_.at.offset + header.bytes()},
          .chain = header.header_checksum,
          .life = header.life,
          .within = now_.within && !holds_entries(header.kind),
          .unchecked_at = now_.at.offset + (holds_entries(header.kind) ? header.positions_at() : kFrameAlignment)};
}

Result<Walked> FrameWalker::next(FrameHeader& header) {
  for (;;) {
    auto walked = next_of_any_kind(header);
    if (!walked || *walked != Walked::frame || holds_entries(header.kind)) return walked;
  }
}

Result<Walked> FrameWalker::next_of_any_kind(FrameHeader& header) {
  torn_.clear();
  broken_.reset();
  if (is_at_first_) {
    if (auto begun = begin_at_first(); !begun) return fail(std::move(begun.error()));
  }
  cursor_.move_to(now_.at.offset);
  const auto found = cursor_.header(header);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame && follows(header)) {
    if (!ends_entries(header.kind)) {
      pass(header);
      return Walked::frame;
    }
    const Ordinal count = std::max(count_, ordinal_of(header));
    if (now_.at.ordinal >= count) return Walked::end;
    damage_ = {now_.at.offset, now_.at.offset, now_.at.ordinal, count, "the last frames of entries are missing"};
    now_.at.ordinal = count;
    return Walked::damage;
  }
  if (*found == FrameFound::incomplete) {
    // Followers often ask whether there is more: no search is needed then. If a file is shorter than its last frame
    // says, other frames may be in the unchecked part.
    const auto size = cursor_.file_size();
    if (!size) return fail(size.error());
    if (*size == now_.at.offset) return end_or_missing_entries("the file ends before its entries do");
  }
  const char* what = *found == FrameFound::frame        ? "a frame that belongs elsewhere"
                     : *found == FrameFound::incomplete ? "the file ends before its entries do"
                                                        : "bytes that are no frame of this file";
  const Place place = now_;
  // A file that was cut off within the positions of its last frame, and written to again, continues within them.
  const std::uint64_t search_from = place.unchecked_at == 0 ? place.at.offset : place.unchecked_at;
  auto walked = go_on_after_damage(search_from, what);
  if (!walked || *walked != Walked::damage) return walked;
  const auto appeared = has_appeared(place, header);
  if (!appeared) return fail(appeared.error());
  return *appeared ? Walked::frame : Walked::damage;
}

// A writer may have written more while later frames were looked for: what is there now counts.
Result<bool> FrameWalker::has_appeared(const Place& place, FrameHeader& header) {
  const Place after = std::exchange(now_, place);
  cursor_.forget();
  cursor_.move_to(now_.at.offset);
  const auto found = cursor_.header(header);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame && follows(header) && !ends_entries(header.kind)) {
    pass(header);
    return true;
  }
  now_ = after;
  return false;
}

// The bytes at the place are not the next frame. Searches for it from `search_from` on.
Result<Walked> FrameWalker::go_on_after_damage(std::uint64_t search_from, std::string what) {
  const auto next = find_next(search_from);
  if (!next) return fail(next.error());
  if (!*next) return end_or_missing_entries(std::move(what));
  const Found& found = **next;
  if (ordinal_of(found.header) > now_.at.ordinal) {
    const auto vouched = is_vouched_for(now_.at.ordinal, found.offset);
    if (!vouched) return fail(vouched.error());
    if (!*vouched) return end_or_missing_entries(std::move(what));
  }
  const bool linked = is_linked(found.header);
  damage_ = {.offset = std::min(now_.at.offset, found.offset),
             .end = found.offset,
             .first = now_.at.ordinal,
             .last = std::max(now_.at.ordinal, ordinal_of(found.header)),
             .what = std::move(what)};
  const bool within = now_.within && ordinal_of(found.header) <= now_.at.ordinal;
  now_.at = {within ? now_.at.ordinal : damage_.last, found.offset};
  if (!linked) now_.chain.reset();
  now_.within = within;
  return Walked::damage;
}

// Whether anything says that the entry with this ordinal was durable: the slot, or a header from `from` on. If
// nothing does, a crash has torn what was never synced, and kept some of what was written after it. If no slot can be
// read, it is damage: a crash cannot do that.
Result<bool> FrameWalker::is_vouched_for(Ordinal ordinal, std::uint64_t from) {
  if (!knows_slot_ || ordinal < std::max(count_, vouched_.ordinal)) return true;
  const auto found = cursor_.find(from, kAnyOffset, [&](const FrameHeader& header, std::uint64_t) {
    return header.durable > ordinal && is_of_this_life(header);
  });
  if (!found) return fail(found.error());
  return found->has_value();
}

// There are no more frames. If entries are missing that the slot counts, or that the header of a frame with a damaged
// payload says were durable, that is damage; what comes after them is a torn tail.
Result<Walked> FrameWalker::end_or_missing_entries(std::string what) {
  if (now_.at.ordinal >= std::max(count_, vouched_.ordinal)) {
    torn_ = std::move(what);
    return Walked::end;
  }
  const auto size = cursor_.file_size();
  if (!size) return fail(size.error());
  const bool by_slot = count_ >= vouched_.ordinal;
  const std::uint64_t end = by_slot ? std::min(data_end_, *size) : vouched_.offset;
  damage_ = {.offset = now_.at.offset,
             .end = std::max(now_.at.offset, end),
             .first = now_.at.ordinal,
             .last = std::max(count_, vouched_.ordinal),
             .what = std::move(what)};
  now_.at = {damage_.last, damage_.end};
  now_.chain = by_slot ? count_chain_ : std::nullopt;
  now_.within = false;
  return Walked::damage;
}

// Frames begin at multiples of 8; if bytes were inserted or removed, they no longer do.
Result<std::optional<FrameWalker::Found>> FrameWalker::find_next(std::uint64_t from) {
  auto found = find_next_in_steps(aligned(from), kMaxFileBytes, kFrameAlignment);
  if (!found || (*found && is_linked((*found)->header))) return found;
  const std::uint64_t until = *found ? (*found)->offset : kMaxFileBytes;
  auto before = find_next_in_steps(from, until, kAnyOffset);
  return !before || *before ? before : found;
}

Result<std::optional<FrameWalker::Found>> FrameWalker::find_next_in_steps(std::uint64_t from, std::uint64_t until,
                                                                          std::size_t step) {
  Found found;
  const auto may_come = [&](const FrameHeader& header, std::uint64_t offset) {
    if (!is_of_this_life(header)) return false;
    if (header.durable > vouched_.ordinal) vouched_ = {header.durable, offset};
    met_ = std::max(met_, ordinal_after(header));
    found.header = header;
    // A position within a frame is that of the entry to continue with.
    const Ordinal end = now_.within ? ordinal_after(header) : ordinal_of(header);
    return end >= now_.at.ordinal;
  };
  for (;;) {
    const auto offset = cursor_.find(from, step, may_come);
    if (!offset) return fail(offset.error());
    if (!*offset || **offset >= until) return std::nullopt;
    found.offset = **offset;
    const auto belongs = belongs_here(found);
    if (!belongs) return fail(belongs.error());
    if (*belongs) return found;
    from = found.offset + step;
  }
}

Result<bool> FrameWalker::is_whole(const Found& found) {
  cursor_.move_to(found.offset);
  std::string_view frame;
  const auto whole = cursor_.stored(found.header, frame);
  if (!whole) return fail(whole.error());
  return *whole == FrameFound::frame;
}

// The frame and those that follow it, as far as they name each other.
Result<FrameWalker::Run> FrameWalker::run_from(const Found& found) {
  Run run{.frames = 1, .end = found.offset + found.header.bytes(), .last = found.header};
  while (run.frames < kBelievedFrames) {
    cursor_.move_to(run.end);
    FrameHeader header;
    const auto next = cursor_.header(header);
    if (!next) return fail(next.error());
    if (*next != FrameFound::frame || header.previous != run.last.header_checksum) break;
    ++run.frames;
    run.end += header.bytes();
    run.last = header;
  }
  return run;
}

// Whether a later frame, whole by itself, is where it belongs, or was moved there from elsewhere. The frames that it
// names and that name it decide; and if later frames have lower ordinals, the longer run is right.
Result<bool> FrameWalker::belongs_here(const Found& found) {
  auto whole = is_whole(found);
  if (!whole || !*whole) return whole;
  const bool after_broken = broken_ && found.header.previous == *broken_;
  if (is_linked(found.header) || after_broken) return true;
  const auto run = run_from(found);
  if (!run) return fail(run.error());
  if (run->frames >= kBelievedFrames) return true;
  Found other;
  const auto in_order = [&](const FrameHeader& header, std::uint64_t) {
    other.header = header;
    return ordinal_of(header) >= now_.at.ordinal && is_of_this_life(header);
  };
  const auto offset = cursor_.find(run->end, kAnyOffset, in_order);
  if (!offset) return fail(offset.error());
  if (!*offset) return true;
  other.offset = **offset;
  if (ordinal_of(other.header) >= ordinal_after(run->last)) return true;
  const auto other_run = run_from(other);
  if (!other_run) return fail(other_run.error());
  if (run->frames != other_run->frames) return run->frames > other_run->frames;
  return !is_linked(other.header);
}

Result<Walked> FrameWalker::stored(std::string_view& frame) {
  const Place behind = now_;
  cursor_.move_to(frame_offset());
  auto found = cursor_.stored(header_, frame);
  if (!found) return fail(found.error());
  if (*found == FrameFound::frame) return Walked::frame;
  // As if next() had not found it, except that a frame that names it is known to follow.
  const std::uint64_t search_from = frame_offset() + kFrameAlignment;
  now_ = before_;
  broken_ = header_.header_checksum;
  auto walked = go_on_after_damage(search_from, *found == FrameFound::incomplete
                                                    ? "the file ends within a frame"
                                                    : "a frame whose payload does not fit its checksum");
  if (!walked || *walked != Walked::damage) return walked;
  // A writer may have completed it in the meantime.
  cursor_.forget();
  cursor_.move_to(frame_offset());
  found = cursor_.stored(header_, frame);
  if (!found) return fail(found.error());
  if (*found != FrameFound::frame) return Walked::damage;
  now_ = behind;
  return Walked::frame;
}

Result<bool> FrameWalker::is_whole(std::string_view& frame) {
  cursor_.move_to(frame_offset());
  auto found = cursor_.stored(header_, frame);
  if (found && *found != FrameFound::frame) {
    // A writer may have completed it in the meantime.
    cursor_.forget();
    found = cursor_.stored(header_, frame);
  }
  if (!found) return fail(found.error());
  return *found == FrameFound::frame;
}

Result<Walked> FrameWalker::payload(std::string_view& payload) {
  std::string_view frame;
  auto walked = stored(frame);
  if (walked && *walked == Walked::frame) payload = payload_of(frame, header_);
  return walked;
}

}  // namespace towl::detail::v2

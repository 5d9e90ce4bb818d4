#include <algorithm>
#include <string>
#include <utility>

#include "pages_io.hpp"
#include "random_numbers.hpp"
#include "recover_file.hpp"
#include "torn_file.hpp"
#include "v2/burnt_ordinals.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"

namespace towl::detail::v2 {

namespace fs = std::filesystem;

namespace {

class Recovery {
 public:
  Recovery(FileLayer& layer, const fs::path& path, File& file, const Header& header)
      : layer_(layer), path_(path), file_(file), tag_(file_tag(header.uuid)) {
    report_.header = header;
  }

  Result<RecoverReport> run() {
    auto done = look();
    if (done && !is_sealed_) done = walk();
    if (done && !is_sealed_) done = cut_tail();
    if (done && !is_sealed_) done = write_index();
    if (!done) {
      return fail(done.error().file.empty() ? at_file(std::move(done.error()), path_.string())
                                            : std::move(done.error()));
    }
    report_.index = slot_.index;
    return std::move(report_);
  }

 private:
  Result<void> look();
  Result<Slot> starting_slot();
  Result<bool> is_confirmed(const Slot& slot);
  Result<void> walk();
  Result<void> cut_tail();
  Result<void> burn_strays();
  Result<void> begin_life(Ordinal given_out);
  Result<void> burn(Ordinal end);
  Result<void> write_index();
  Result<void> put_slot();

  FileLayer& layer_;
  const fs::path& path_;
  File& file_;
  std::uint32_t tag_;
  Slots slots_;
  Slot slot_;  // As the file is now.
  std::uint64_t size_ = 0;
  bool is_sealed_ = false;
  bool is_cut_ = false;
  RecoverReport report_;
};

Result<void> Recovery::look() {
  const auto page = read_header_page(file_, path_.string());
  if (!page) return fail(page.error());
  // A slot must not overwrite what may be something else.
  const auto front = read_bytes(file_, kHeaderOffset, kPageBytes);
  if (!front) return fail(front.error());
  if (is_header_lost(*page) || (!decode_header_page(*front) && !read_repeated_header(file_))) {
    return fail(ErrorCode::corrupt, "its header page is damaged, and so is the frame that repeats it: repair it");
  }
  auto slots = read_slots(file_, tag_);
  if (!slots) return fail(std::move(slots.error()));
  slots_ = std::move(*slots);
  if (auto own = check_own_header(file_, tag_, slots_); !own) return own;
  const auto size = file_.size();
  if (!size) return fail(size.error());
  size_ = report_.data_end = *size;
  if (slots_.newest && slots_.newest->index.sealed) {
    slot_ = *slots_.newest;
    is_sealed_ = true;
    return {};
  }
  if (size_ < kDataOffset) {
    // Cut off before its first entry: what belongs there is made again from the header page.
    const auto whole_front = encode_front(*page);
    if (!whole_front) return fail(whole_front.error());
    size_ = kDataOffset;
    return file_.write_at(kFramesOffset, std::string_view(*whole_front).substr(kFramesOffset));
  }
  // Cut off in the zeros after its last frame: that frame is there, or would be once the next one is written.
  if (slots_.newest && slots_.newest->data_end > size_ && size_ != aligned(size_)) {
    size_ = aligned(size_);
    return file_.truncate(size_);
  }
  return {};
}

// Whether the slot's last frame ends where it says, and with the entries that it counts. Blocks may have been moved; if
// a slot contradicts its frames, the frames are right, because that is what readers return.
Result<bool> Recovery::is_confirmed(const Slot& slot) {
  if (slot.data_end > size_ || slot.last_frame < kFramesOffset || slot.last_frame >= slot.data_end) return false;
  FrameCursor cursor(file_, tag_, slot.last_frame);
  FrameHeader header;
  const auto found = cursor.header(header);
  if (!found) return fail(found.error());
  if (*found != FrameFound::frame || header.header_checksum != slot.chain ||
      slot.last_frame + header.bytes() != slot.data_end || header.end() != slot.index.count) {
    return false;
  }
  // Bytes inserted into it or removed from it have moved what follows.
  std::string_view frame;
  const auto whole = cursor.stored(header, frame);
  if (!whole) return fail(whole.error());
  return *whole == FrameFound::frame && check_positions(frame, header);
}

// Where to begin: the newest slot; the first frame if there is none, or if its last frame is elsewhere.
Result<Slot> Recovery::starting_slot() {
  if (slots_.newest) {
    const auto confirmed = is_confirmed(*slots_.newest);
    if (!confirmed) return fail(confirmed.error());
    if (*confirmed) return *slots_.newest;
  }
  auto first = first_slot(file_);
  if (!first || !slots_.newest) return first;
  first->index.opened = slots_.newest->index.opened;
  first->index.closed = slots_.newest->index.closed;
  first->sequence = slots_.newest->sequence;
  first->life = slots_.newest->life;
  first->life_begin = slots_.newest->life_begin;
  first->given_out = slots_.newest->given_out;
  return first;
}

Result<void> Recovery::walk() {
  auto start = starting_slot();
  if (!start) return fail(std::move(start.error()));
  Tail tail(file_, tag_, std::move(*start), slots_.newest);
  if (auto walked = tail.walk(); !walked) return walked;
  slot_ = tail.slot();
  slot_.given_out = std::max(slot_.given_out, tail.met());
  report_.damage = tail.damage();
  report_.reason = tail.torn();
  if (tail.torn().empty() && slot_.data_end < size_) {
    return fail(ErrorCode::corrupt, "a sealed file of which neither index nor footer can be read: repair it");
  }
  // The last entries that it counts are lost, but what it says about them still holds.
  const auto& newest = slots_.newest;
  if (newest && slot_.index.count == newest->index.count && tail.last_end() < slot_.index.count) {
    slot_.index = newest->index;
  }
  return {};
}

// Cuts off what follows the last whole frame, or the place where the counted entries should end.
Result<void> Recovery::cut_tail() {
  slot_.data_end = std::min(slot_.data_end, aligned(size_));
  if (aligned(slot_.data_end) != slot_.data_end) {
    // Bytes were inserted or removed before it: writing continues at a multiple of 8.
    slot_.data_end = aligned(slot_.data_end);
    if (size_ < slot_.data_end) {
      size_ = slot_.data_end;
      if (auto grown = file_.truncate(size_); !grown) return grown;
    }
  }
  report_.data_end = slot_.data_end;
  if (size_ <= slot_.data_end) {
    report_.reason.clear();
    // An earlier recovery was interrupted after it had cut the tail off.
    return burn(slot_.given_out);
  }
  const auto end =
      end_of_torn_entries(file_, tag_, slot_.data_end, size_, std::max(slot_.index.count, slot_.given_out));
  if (!end) return fail(end.error());
  report_.torn_bytes = size_ - slot_.data_end;
  if (report_.reason.empty()) report_.reason = "half a frame";
  const auto saved = save_aside(layer_, path_, "torn", file_, slot_.data_end, size_);
  if (!saved) return fail(saved.error());
  report_.torn_file = saved->string();
  is_cut_ = true;
  slot_.index.closed.reset();
  if (auto burnt = burn_strays(); !burnt) return burnt;
  if (auto begun = begin_life(*end); !begun) return begun;
  if (auto cut = file_.truncate(slot_.data_end); !cut) return cut;
  return burn(*end);
}

// Frames that damage has moved to a wrong place may have entries after the last one that is read. Readers compare what
// they find with these frames: the life that begins here must not refuse them, so it begins after them.
Result<void> Recovery::burn_strays() {
  if (report_.damage.empty()) return {};
  const Ordinal most = slot_.index.count + kMaxBurntOrdinals;
  Ordinal end = slot_.index.count;
  FrameCursor cursor(file_, tag_, kDataOffset);
  const auto found = cursor.find(kDataOffset, kAnyOffset, [&](const FrameHeader& header, std::uint64_t offset) {
    if (offset >= slot_.data_end) return true;
    const bool is_ours = holds_entries(header.kind) && header.life.number <= slot_.life.number;
    if (is_ours && header.end() <= most) end = std::max(end, header.end());
    return false;
  });
  if (!found) return fail(found.error());
  return burn(end);
}

// On stable storage before the tail is cut off: its frames may show up again, and its ordinals were given out.
Result<void> Recovery::begin_life(Ordinal given_out) {
  if (auto synced = file_.sync(); !synced) return synced;
  slot_.life = {slot_.life.number + 1, random_number()};
  slot_.life_begin = slot_.index.count;
  slot_.given_out = given_out;
  return put_slot();
}

// A reader that knows an entry of the tail must not find another one in its place: a gap takes their ordinals.
Result<void> Recovery::burn(Ordinal end) {
  if (end <= slot_.index.count) return {};
  FrameHeader gap = gap_of_burnt(slot_.index.count, end, slot_.index.digest);
  gap.tag = tag_;
  gap.previous = slot_.chain;
  gap.life = slot_.life;
  std::string bytes;
  gap = append_frame(gap, {}, bytes);
  report_.burnt_ordinals += gap.count;
  slot_.last_frame = std::exchange(slot_.data_end, slot_.data_end + bytes.size());
  slot_.chain = gap.header_checksum;
  slot_.index.count = gap.end();
  ++slot_.index.gaps;
  report_.data_end = slot_.data_end;
  return file_.write_at(slot_.last_frame, bytes);
}

bool agrees(const Slot& a, const Slot& b) {
  return a.index == b.index && a.data_end == b.data_end && a.chain == b.chain && a.life == b.life;
}

// A slot that was being written when the power failed is written again, in its turn.
Result<void> Recovery::write_index() {
  const auto& newest = slots_.newest;
  if (!newest || slot_.index.count != newest->index.count) slot_.index.closed.reset();
  report_.index_rewritten = is_cut_ || !newest || !agrees(slot_, *newest) || slots_.damaged[0] || slots_.damaged[1];
  if (!report_.index_rewritten) return {};
  // The slot is a promise: what it says must be on stable storage before it is written.
  if (auto synced = file_.sync(); !synced) return synced;
  return put_slot();
}

Result<void> Recovery::put_slot() {
  slot_.sequence = std::max(slot_.sequence, slots_.newest ? slots_.newest->sequence : 0) + 1;
  if (auto put = write_slot(file_, slot_, tag_); !put) return put;
  return file_.sync();
}

}  // namespace

Result<RecoverReport> recover(FileLayer& layer, const fs::path& path, File& file, const Header& header) {
  return Recovery(layer, path, file, header).run();
}

}  // namespace towl::detail::v2

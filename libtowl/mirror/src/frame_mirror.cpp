#include "frame_mirror.hpp"

#include <algorithm>

#include "pages_io.hpp"
#include "v2/count_frame.hpp"
#include "v2/digest.hpp"
#include "v2/footer.hpp"
#include "v2/frame_cursor.hpp"
#include "v2/frame_walker.hpp"
#include "v2/header_io.hpp"
#include "v2/slots.hpp"
#include "v2/tail.hpp"

namespace towl::detail {
namespace {

// Gaps that follow each other are one.
void add_lost(const LostEntries& gap, std::vector<LostEntries>& lost) {
  if (!lost.empty() && lost.back().first + lost.back().count == gap.first) {
    lost.back().count += gap.count;
  } else {
    lost.push_back(gap);
  }
}

// True if these are only frames that may follow the last entry of any file, such as signed heads.
bool has_heads_alone(std::string_view bytes, std::uint32_t tag) {
  v2::FrameHeader header;
  while (!bytes.empty() && v2::read_frame_header(bytes, tag, header) == v2::FrameFound::frame &&
         v2::travels(header.kind) && header.bytes() <= bytes.size()) {
    bytes.remove_prefix(static_cast<std::size_t>(header.bytes()));
  }
  return bytes.empty();
}

tl::unexpected<Error> bad_frames(const std::string& what) {
  return fail(ErrorCode::corrupt, "the collector sent " + what);
}

}  // namespace

FrameMirror::FrameMirror(const std::filesystem::path& folder, const ServedFile& remote, std::string front,
                         FileLayer& layer)
    : LocalCopy(folder, remote, std::move(front), layer), tag_(v2::file_tag(remote.header.uuid)) {}

Result<std::unique_ptr<LocalCopy>> FrameMirror::make(const std::filesystem::path& folder, const ServedFile& remote,
                                                     FileLayer& layer) {
  auto front = v2::encode_front({remote.header, remote.index.opened});
  if (!front) return fail(front.error());
  return std::make_unique<FrameMirror>(folder, remote, std::move(*front), layer);
}

Result<void> FrameMirror::look() {
  begun_ = differs_ = false;
  footer_.reset();
  count_ = 0;
  end_ = size_ = v2::kDataOffset;
  stored_ = now_ = v2::Slot{};
  undigested_.reset();
  last_heads_.clear();
  now_.index.opened = opened_;
  now_.chain = v2::first_chain(front_);
  points_ = {};
  file_.reset();
  auto file = layer_->open(path_, OpenMode::read);
  if (!file && file.error().code == ErrorCode::not_found) return {};
  if (!file) return fail(file.error());
  const auto size = (*file)->size();
  if (!size) return fail(size.error());
  const auto page = read_bytes(**file, 0, v2::kPageBytes);
  if (!page) return fail(page.error());
  file_ = std::move(*file);
  size_ = *size;
  // A damaged page is no reason to pull everything again: the frame that repeats it says the same.
  const auto header = v2::read_header(*file_, *page);
  if (!header && header.error().code == ErrorCode::io) return fail(header.error());
  differs_ = !header || v2::encode_header_page(*header) != front_.substr(0, v2::kPageBytes);
  if (differs_) return {};
  auto slots = v2::read_slots(*file_, tag_);
  if (!slots) return fail(slots.error());
  if (!slots->newest || slots->newest->data_end > size_) return recount();
  stored_ = *slots->newest;
  return look_from(*slots->newest);
}

Result<void> FrameMirror::look_from(const v2::Slot& slot) {
  if (slot.index.sealed) {
    now_ = slot;
    count_ = slot.index.count;
    // What follows the footer does not belong to the file, and is cut off.
    end_ = std::min(size_, slot.footer_offset + v2::kFooterBytes);
    return {};
  }
  const std::uint64_t last_frame = slot.last_frame;
  v2::Tail tail(*file_, tag_, slot);
  if (auto done = tail.walk(); !done) {
    // A frame that makes no sense though its checksums hold: no writer of the other end's file has written it.
    if (done.error().code != ErrorCode::corrupt) return done;
    differs_ = true;
    return {};
  }
  undigested_.reset();
  now_ = tail.slot();
  points_ = v2::SkipPoints(now_.points);
  count_ = now_.index.count;
  end_ = std::min(now_.data_end, size_);
  last_heads_ = tail.last_heads();
  // The one that the slot ends with.
  v2::FrameCursor cursor(*file_, tag_, last_frame);
  v2::FrameHeader header;
  const auto found = cursor.header(header);
  if (!found) return fail(found.error());
  if (*found == v2::FrameFound::frame && v2::travels(header.kind)) last_heads_.push_back(header.payload_checksum);
  return {};
}

bool FrameMirror::up_to_date(const ServedFile& remote) const {
  return exists() && !differs_ && gaps() <= remote.index.gaps && size_ == end_ && count_ == remote.index.count &&
         stored_.index.count == count_ && stored_.index.digest == remote.index.digest &&
         stored_.index.closed == remote.index.closed && (stored_.index.sealed || !remote.index.sealed);
}

Result<MirrorProof> FrameMirror::proof() {
  if (auto done = finish_digest(); !done) return fail(std::move(done.error()));
  return MirrorProof{
      .size = now_.data_end, .opened = now_.index.opened, .digest = now_.index.digest, .chain = now_.chain};
}

Result<void> FrameMirror::recount() {
  auto first = v2::first_slot(*file_);
  if (!first) return fail(first.error());
  first->sequence = stored_.sequence;
  return look_from(*first);
}

Result<void> FrameMirror::begin() {
  begun_ = true;
  if (!exists()) {
    stored_.sequence = 1;
    return create();
  }
  if (auto done = open_to_append(); !done) return done;
  now_.sequence = stored_.sequence;
  // A reader that believes a page that says closed would miss what is added now.
  if (!now_.index.closed || now_.index.sealed) return {};
  now_.index.closed.reset();
  return write_slot();
}

Result<void> FrameMirror::append(const ChunkView& chunk) {
  if (chunk.at.ordinal != count_) {
    return bad_frames("entries that do not follow: entry " + std::to_string(chunk.at.ordinal) + ", wanted " +
                      std::to_string(count_));
  }
  return chunk.count == 0 && !has_heads_alone(chunk.bytes, tag_) ? take_trailer(chunk) : take_frames(chunk);
}

std::string_view FrameMirror::without_known_heads(std::string_view bytes) const {
  v2::FrameHeader header;
  while (v2::read_frame_header(bytes, tag_, header) == v2::FrameFound::frame && v2::travels(header.kind) &&
         header.bytes() <= bytes.size() &&
         std::find(last_heads_.begin(), last_heads_.end(), header.payload_checksum) != last_heads_.end()) {
    bytes.remove_prefix(static_cast<std::size_t>(header.bytes()));
  }
  return bytes;
}

// Checks that these are whole frames of the next entries, and links the first to what is here.
Result<void> FrameMirror::take_frames(const ChunkView& chunk) {
  if (now_.index.sealed && chunk.count == 0) return {};
  if (now_.index.sealed || footer_) return bad_frames("entries for a file that is sealed");
  if (end_ > now_.data_end) return bad_frames("entries after what stands after them");
  v2::Slot next = now_;
  v2::SkipPoints points = points_;
  std::string_view bytes = without_known_heads(chunk.bytes);
  if (bytes.empty()) return {};
  const std::string_view sent = bytes;
  std::vector<LostEntries> gaps;
  auto undigested = undigested_;
  std::uint64_t undigested_at = undigested_at_;
  auto last_heads = last_heads_;
  relinked_.clear();
  v2::FrameHeader header;
  for (std::size_t at = 0; at < bytes.size(); at += static_cast<std::size_t>(header.bytes())) {
    const std::string_view rest = bytes.substr(at);
    if (v2::read_frame_header(rest, tag_, header) != v2::FrameFound::frame ||
        v2::check_payload(rest, header) != v2::FrameFound::frame ||
        (!v2::holds_entries(header.kind) && !v2::travels(header.kind)) || header.first != next.index.count) {
      return bad_frames("bytes that are not the next frame of the file, after entry " +
                        std::to_string(next.index.count));
    }
    // What was durable at the other end need not be here.
    const v2::FrameLink link{next.chain, next.life, stored_.index.count};
    if (header.previous != link.previous || header.life != link.life || header.durable > link.durable) {
      if (relinked_.empty()) relinked_ = sent;
      bytes = relinked_;
      header.header_checksum = v2::relink_frame(relinked_.data() + at, link, tag_);
    }
    next.chain = header.header_checksum;
    next.last_frame = end_ + at;
    if (v2::travels(header.kind)) {
      last_heads.push_back(header.payload_checksum);
      continue;
    }
    last_heads.clear();
    next.index.count = header.end();
    // For a gap: the digest of everything before the entry after it.
    next.index.digest = header.digest;
    v2::count_frame(header, next.index);
    undigested.reset();
    if (header.kind == v2::FrameKind::data) {
      undigested = header;
      undigested_at = end_ + at;
    }
    if (header.kind == v2::FrameKind::data) {
      points.add({header.first, end_ + at});
    } else {
      add_lost({header.first, header.count}, gaps);
    }
  }
  if (next.index.count - count_ != chunk.count) {
    return bad_frames(std::to_string(next.index.count - count_) + " entries that should be " +
                      std::to_string(chunk.count));
  }
  if (auto done = write_at_end(bytes); !done) return done;
  for (const LostEntries& gap : gaps) add_lost(gap, new_gaps_);
  now_ = std::move(next);
  now_.data_end = end_;
  points_ = std::move(points);
  now_.points = points_.points();
  count_ = now_.index.count;
  undigested_ = undigested;
  undigested_at_ = undigested_at;
  last_heads_ = std::move(last_heads);
  return {};
}

Result<std::vector<LostEntries>> FrameMirror::lost() {
  std::vector<LostEntries> lost;
  v2::FrameWalker walker(*file_, tag_, now_);
  v2::FrameHeader header;
  for (;;) {
    const auto walked = walker.next(header);
    if (!walked) return fail(walked.error());
    if (*walked == v2::Walked::end) return lost;
    if (*walked == v2::Walked::frame && header.kind == v2::FrameKind::gap) {
      add_lost({header.first, header.count}, lost);
    }
  }
}

bool FrameMirror::heals(const ChunkView& chunk) const {
  v2::FrameHeader header;
  return v2::read_frame_header(chunk.bytes, tag_, header) == v2::FrameFound::frame &&
         header.kind == v2::FrameKind::data;
}

// The digest after the last frame needs decoding it; those of the others are checked by `verify`.
Result<void> FrameMirror::finish_digest() {
  if (!undigested_) return {};
  const v2::FrameHeader header = *undigested_;
  const auto stored = read_bytes(*file_, undigested_at_, static_cast<std::size_t>(header.bytes()));
  if (!stored) return fail(stored.error());
  if (stored->size() < header.bytes()) return fail(ErrorCode::io, "what was written is not there", path_.string());
  std::uint64_t digest = header.digest;
  if (auto begun = decoder_.begin(header, v2::payload_of(*stored, header)); !begun) return drop_last(begun.error());
  EntryView entry;
  for (;;) {
    const auto more = decoder_.next(entry);
    if (!more) return drop_last(more.error());
    if (!*more) break;
    digest = v2::extend_digest(digest, entry);
    now_.index.last = entry.received;
  }
  now_.index.digest = digest;
  undigested_.reset();
  return {};
}

// A frame that holds what no writer writes is not kept: it would hide what an honest sender has.
Result<void> FrameMirror::drop_last(const Error& why) {
  if (auto done = file_->truncate(undigested_at_); !done) return done;
  if (auto done = look(); !done) return done;
  return bad_frames(why.message);
}

Result<void> FrameMirror::take_trailer(const ChunkView& chunk) {
  // A pull that follows from a file that is complete is sent its end once more.
  if (now_.index.sealed) return {};
  if (auto done = finish_digest(); !done) return done;
  std::string_view bytes = chunk.bytes;
  std::uint32_t chain = end_ > now_.data_end ? trailer_chain_ : now_.chain;
  bool is_linked = true;
  v2::FrameHeader header;
  while (!bytes.empty()) {
    if (v2::read_frame_header(bytes, tag_, header) != v2::FrameFound::frame ||
        v2::check_payload(bytes, header) != v2::FrameFound::frame || header.kind < v2::FrameKind::filter ||
        (header.kind <= v2::FrameKind::footer ? header.durable : header.first) != count_) {
      return bad_frames("bytes that are no filter, directory or footer");
    }
    if (header.kind == v2::FrameKind::footer) {
      auto footer = v2::decode_footer(v2::payload_of(bytes, header), tag_);
      if (!footer || footer->slot.index.digest != now_.index.digest || footer->slot.index.count != count_) {
        return bad_frames("a footer that is not that of the entries sent");
      }
      if (is_linked && header.previous == chain && footer->slot.data_end == now_.data_end &&
          footer->slot.chain == now_.chain) {
        footer_ = std::move(footer->slot);
      }
    }
    is_linked = is_linked && header.previous == chain;
    chain = header.header_checksum;
    bytes.remove_prefix(static_cast<std::size_t>(header.bytes()));
  }
  // It fits only a copy that is the same byte for byte; any other copy is sealed again here.
  if (!is_linked) return {};
  trailer_chain_ = chain;
  return write_at_end(chunk.bytes);
}

Result<void> FrameMirror::reached(const ServedFile& remote) {
  if (auto done = finish_digest(); !done) return done;
  if (remote.index.count != count_ || remote.index.digest != now_.index.digest || remote.index.opened != opened_) {
    return bad_frames("entries whose digest is not that of its file: it has " + std::to_string(remote.index.count) +
                      ", here are " + std::to_string(count_));
  }
  // What follows the entries was not sent to its end: it is made from scratch.
  if (!footer_ && end_ > now_.data_end && !now_.index.sealed) {
    if (auto done = file_->truncate(now_.data_end); !done) return done;
    end_ = size_ = now_.data_end;
  }
  now_.index.first = remote.index.first;
  now_.index.last = remote.index.last;
  if (remote.open || now_.index.sealed) return {};
  if (footer_) return write_sealed_slot();
  now_.index.closed = remote.index.closed;
  if (now_.index == stored_.index && unsynced_bytes_ == 0) return {};
  return write_slot();
}

Result<void> FrameMirror::save() {
  if (auto done = finish_digest(); !done) return done;
  if (!begun_ || now_.index.sealed || footer_) return unsynced_bytes_ > 0 ? sync() : Result<void>();
  if (stored_.index == now_.index && unsynced_bytes_ == 0) return {};
  return write_slot();
}

// A slot is a promise: the entries that it counts are on stable storage before it is written.
Result<void> FrameMirror::write_slot() {
  if (unsynced_bytes_ > 0) {
    if (auto done = sync(); !done) return done;
  }
  now_.sequence = stored_.sequence + 1;
  if (auto done = v2::write_slot(*file_, now_, tag_); !done) return done;
  stored_ = now_;
  return sync();
}

// The index page of a sealed file has one slot: that of its footer.
Result<void> FrameMirror::write_sealed_slot() {
  if (auto done = sync(); !done) return done;
  std::string page = v2::encode_slot(*footer_, tag_);
  page.resize(v2::kPageBytes);
  if (auto done = file_->write_at(v2::kIndexOffset, page); !done) return done;
  stored_ = now_ = *footer_;
  footer_.reset();
  return sync();
}

}  // namespace towl::detail

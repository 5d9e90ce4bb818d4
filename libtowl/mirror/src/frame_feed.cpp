#include "frame_feed.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "entry_feed.hpp"
#include "pages_io.hpp"
#include "v2/digest.hpp"
#include "v2/footer_io.hpp"
#include "v2/frame_appender.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/positions.hpp"
#include "v2/slots.hpp"

namespace towl::detail {

using namespace v2;

namespace {

/// A chunk ends with the frame that makes it this large at the other end, unpacked, with each entry's cost in memory.
/// Collectors refuse a chunk that would become larger than this and a frame, before they unpack it.
constexpr std::uint64_t kMaxChunkUnpackedBytes = std::uint64_t{8} << 20;
constexpr std::uint64_t kChunkEntryBytes = 64;

}  // namespace

FrameFeed::FrameFeed(std::unique_ptr<File> file, std::string path, std::uint32_t tag, std::optional<Slot> slot,
                     Directory directory, std::uint64_t footer_end)
    : file_(std::move(file)),
      path_(std::move(path)),
      tag_(tag),
      slot_(std::move(slot)),
      directory_(std::move(directory)),
      footer_end_(footer_end),
      walker_(std::make_unique<FrameWalker>(*file_, tag, slot_)) {}

Result<std::unique_ptr<FrameFeed>> FrameFeed::open(std::unique_ptr<File> file, std::string path, const Uuid& uuid) {
  const std::uint32_t tag = file_tag(uuid);
  auto slots = read_slots(*file, tag);
  if (!slots) return fail(std::move(slots.error()));
  if (auto own = check_own_header(*file, tag, *slots); !own) return fail(at_file(std::move(own.error()), path));
  std::optional<Slot> slot = std::move(slots->newest);
  Directory directory;
  std::uint64_t footer_end = 0;
  if (slots->footer) {
    footer_end = slot->footer_offset + kFooterBytes;
    auto read = read_directory(*file, tag, *slots->footer);
    if (!read) return fail(std::move(read.error()));
    if (*read) directory = std::move(**read);
  }
  return std::make_unique<FrameFeed>(std::move(file), std::move(path), tag, std::move(slot), std::move(directory),
                                     footer_end);
}

Result<std::unique_ptr<FileFeed>> FrameFeed::begin(std::unique_ptr<File> opened, std::string path,
                                                   const ServedFile& file, std::uint64_t count,
                                                   const std::optional<MirrorProof>& proof) {
  auto feed = open(std::move(opened), std::move(path), file.header.uuid);
  if (!feed) return fail(std::move(feed.error()));
  FrameFeed& self = **feed;
  if (auto done = self.seek(count); !done) return fail(std::move(done.error()));
  if (proof && self.digest() && proof->digest != *self.digest()) {
    return not_a_copy(file.file_id(), "the digest of its first " + std::to_string(count) + " entries differs");
  }
  self.same_bytes_ = count == 0 || (proof && self.boundary() == Boundary{proof->size, proof->chain});
  return std::move(*feed);
}

tl::unexpected<Error> FrameFeed::damaged(std::string what, std::uint64_t offset, Ordinal ordinal) const {
  Error error{.code = ErrorCode::corrupt, .message = std::move(what), .file = path_};
  error.offset = offset;
  error.ordinal = ordinal;
  return fail(std::move(error));
}

Result<void> FrameFeed::seek(Ordinal count) {
  WalkStart start;
  // A frame before it, whose entries give the digest.
  const auto points = slot_ ? slot_->points : std::vector<SkipPoint>();
  const auto point = std::lower_bound(points.begin(), points.end(), count,
                                      [](const SkipPoint& p, Ordinal value) { return p.ordinal < value; });
  if (point != points.begin()) start.at = {std::prev(point)->ordinal, std::prev(point)->offset};
  const auto entry = std::lower_bound(directory_.begin(), directory_.end(), count,
                                      [](const DirectoryEntry& e, Ordinal value) { return e.first < value; });
  if (entry != directory_.begin()) start.at = {std::prev(entry)->first, std::prev(entry)->offset};
  walker_->move_to(start);
  rest_.clear();
  rest_count_ = 0;
  count_ = count;
  return find_frame(count);
}

// From a point before it to the frame that holds `count`, or that begins with it.
Result<void> FrameFeed::find_frame(Ordinal count) {
  FrameHeader header;
  for (;;) {
    const Position at = walker_->position();
    if (count == 0) {
      digest_ = 0;
      boundary_ = Boundary{at.offset, 0};
      return {};
    }
    const WalkStart here{.at = at, .chain = walker_->chain()};
    const auto walked = walker_->next(header);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::damage && walker_->damage().last <= count) continue;
    if (*walked == Walked::end && expect(count, here)) continue;
    if (*walked != Walked::frame) {
      stop_at_damage(count, *walked == Walked::damage ? walker_->damage().offset : at.offset);
      return {};
    }
    if (header.first == count) {
      digest_ = header.digest;
      boundary_ = Boundary{walker_->frame_offset(), header.previous};
      walker_->move_to({.at = {count, walker_->frame_offset()}, .chain = header.previous});
      return {};
    }
    if (header.end() < count) continue;
    std::string_view frame;
    const auto checked = walker_->stored(frame);
    if (!checked) return fail(checked.error());
    if (*checked == Walked::frame) return stop_within(header, frame, count);
    if (*checked == Walked::end && expect(count, here)) continue;
    if (*checked == Walked::end || header.end() > count) {
      stop_at_damage(count, at.offset);
      return {};
    }
  }
}

// Entry `count` is among lost ones: the walker finds out again how many are lost, from here on.
void FrameFeed::stop_at_damage(Ordinal count, std::uint64_t offset) {
  digest_.reset();
  boundary_.reset();
  walker_->move_to({.at = {count, offset}});
}

// The other end has entries that are lost here by now, or had a larger gap: the digest within the gap is not known.
// The rest of the gap is sent.
void FrameFeed::stop_within_gap(FrameHeader header, Ordinal count) {
  digest_.reset();
  boundary_.reset();
  rest_count_ = header.end() - count;
  header.count = static_cast<std::uint32_t>(rest_count_);
  header.first = count;
  if (rest_count_ > 0) append_frame(header, {}, rest_);
}

// The rest of the frame is framed again, and the digest up to COUNT is that of the entries before it.
Result<void> FrameFeed::stop_within(const FrameHeader& header, std::string_view frame, Ordinal count) {
  if (header.kind == FrameKind::gap) {
    stop_within_gap(header, count);
    return {};
  }
  const auto no_entries = [&](const Error& error) { return damaged(error.message, 0, header.first); };
  FrameDecoder decoder;
  if (auto begun = decoder.begin(header, payload_of(frame, header)); !begun) return no_entries(begun.error());
  // They belong to the frame's last entry.
  std::vector<SourcePosition> positions;
  if (check_positions(frame, header)) (void)read_positions(positions_of(frame, header), positions);
  Index index;
  index.count = count;
  Slot tail;
  tail.life = header.life;
  FrameAppender appender(tag_, tail, kWriteBufferBytes, true);
  std::uint64_t digest = header.digest;
  EntryView entry;
  for (Ordinal ordinal = header.first;; ++ordinal) {
    if (ordinal == count) index.digest = digest;
    const auto more = decoder.next(entry);
    if (!more) return no_entries(more.error());
    if (!*more) break;
    if (ordinal < count) {
      digest = extend_digest(digest, entry);
    } else if (ordinal + 1 < header.end() || !appender.add_together({&entry, 1}, positions, index)) {
      appender.add(entry, index);
    }
  }
  digest_ = digest;
  boundary_.reset();
  if (header.end() == count) {
    boundary_ = Boundary{walker_->position().offset, header.header_checksum};
    return {};
  }
  rest_ = appender.stored(header.durable, 0);
  rest_count_ = header.end() - count;
  FrameHeader framed;
  for (std::size_t at = 0; at < rest_.size(); at += static_cast<std::size_t>(framed.bytes())) {
    (void)read_frame_header(std::string_view(rest_).substr(at), tag_, framed);
    leave_out_positions(rest_.data() + at, framed);
  }
  return {};
}

Result<Chunk> FrameFeed::next(const ServedFile& file, std::size_t max_bytes, std::string spare) {
  if (count_ < file.index.count) return next_frames(file.index, max_bytes, std::move(spare));
  if (same_bytes_ && file.index.sealed) return next_trailer(max_bytes, std::move(spare));
  return next_heads(file.index.sealed, std::move(spare));
}

// Frames after the last entry, signed heads, say: they may come after all entries. A copy that is not the same byte for
// byte also gets those of a sealed file, so that it has them when it is sealed itself.
Result<Chunk> FrameFeed::next_heads(bool sealed, std::string spare) {
  if (sealed && heads_at_ == 0) heads_at_ = slot_ ? slot_->data_end : 0;
  std::uint64_t at = sealed ? heads_at_ : walker_->position().offset;
  Chunk chunk{.at = {count_, at}, .count = 0, .bytes = std::move(spare)};
  chunk.bytes.clear();
  FrameCursor cursor(*file_, tag_, at);
  for (;;) {
    FrameHeader header;
    std::string_view frame;
    auto found = cursor.header(header);
    if (found && *found == FrameFound::frame && travels(header.kind) && header.first == count_) {
      found = cursor.stored(header, frame);
    } else if (found) {
      break;
    }
    if (!found) return fail(found.error());
    if (*found != FrameFound::frame) break;
    chunk.bytes.append(frame);
    at += frame.size();
    cursor.move_to(at);
    if (!sealed) walker_->move_to({.at = {count_, at}, .chain = header.header_checksum});
  }
  heads_at_ = at;
  return chunk;
}

Result<Chunk> FrameFeed::next_frames(const Index& until, std::size_t max_bytes, std::string spare) {
  Chunk chunk{.at = {count_, walker_->position().offset}, .count = 0, .bytes = std::move(spare)};
  if (rest_count_ > 0) {
    chunk.bytes = std::exchange(rest_, {});
    chunk.count = std::exchange(rest_count_, 0);
    count_ += chunk.count;
    return chunk;
  }
  if (count_ >= until.count) return Chunk{.at = chunk.at};
  if (auto done = read_ahead(until.count, max_bytes, chunk); !done) return fail(std::move(done.error()));
  if (chunk.bytes.empty()) {
    if (auto done = walk_frame(until, chunk); !done) return fail(std::move(done.error()));
  }
  return chunk;
}

// As many whole frames as one read of `max_bytes` has, checked in place. It ends before anything that is not simply the
// next frame: walk_frame() finds out what that is.
Result<void> FrameFeed::read_ahead(Ordinal limit, std::size_t max_bytes, Chunk& chunk) {
  // If the checksum that the next frame has to name is not known, a look at the frame is not enough.
  std::optional<std::uint32_t> chain = walker_->chain();
  if (!chain) {
    chunk.bytes.clear();
    return {};
  }
  // Reused memory keeps its size, so that it is not cleared before the read.
  chunk.bytes.resize(max_bytes);
  const auto got = file_->read_at(chunk.at.offset, chunk.bytes);
  if (!got) return fail(got.error());
  const std::string_view bytes = std::string_view(chunk.bytes).substr(0, *got);
  std::size_t used = 0;
  std::uint64_t unpacked = 0;
  FrameHeader header;
  // Well packed frames become large at the other end, and the receiver limits how large a chunk may become.
  while (count_ < limit && unpacked < kMaxChunkUnpackedBytes) {
    const std::string_view rest = bytes.substr(used);
    if (read_frame_header(rest, tag_, header) != FrameFound::frame ||
        (!holds_entries(header.kind) && !travels(header.kind)) || header.first != count_ || header.previous != *chain ||
        check_payload(rest, header) != FrameFound::frame) {
      break;
    }
    leave_out_positions(chunk.bytes.data() + used, header);
    used += static_cast<std::size_t>(header.bytes());
    unpacked += std::max(header.text_bytes, header.raw_bytes) + std::uint64_t{header.count} * kChunkEntryBytes;
    if (holds_entries(header.kind)) count_ = header.end();
    chain = header.header_checksum;
  }
  chunk.count = count_ - chunk.at.ordinal;
  chunk.bytes.resize(used);
  if (used > 0) walker_->move_to({.at = {count_, chunk.at.offset + used}, .chain = chain});
  return {};
}

// The caller knows how many entries are durable. The walker knows it from an index slot, which may be older: if it ends
// too early, it begins again at `here`, takes what is missing for damage, and looks further after that.
// False if the slot counts as many.
bool FrameFeed::expect(Ordinal count, const WalkStart& here) {
  if (slot_ && count <= slot_->index.count) return false;
  if (!slot_) slot_.emplace();
  slot_->index.count = count;
  slot_->data_end = kMaxFileBytes;
  slot_->chain = 0;
  walker_ = std::make_unique<FrameWalker>(*file_, tag_, slot_, here);
  return true;
}

// The next frame of a kind that copies also have.
Result<Walked> FrameFeed::next_to_send(FrameHeader& header) {
  for (;;) {
    auto walked = walker_->next_of_any_kind(header);
    const bool passed = walked && *walked == Walked::frame && !holds_entries(header.kind);
    if (!passed || travels(header.kind)) return walked;
  }
}

// The next frame, wherever it is; or a gap for the entries that are lost before it.
Result<void> FrameFeed::walk_frame(const Index& until, Chunk& chunk) {
  std::string why;
  std::uint64_t damaged_at = chunk.at.offset;
  for (;;) {
    const WalkStart here{.at = walker_->position(), .chain = walker_->chain()};
    FrameHeader header;
    std::string_view frame;
    auto walked = next_to_send(header);
    const bool gap = walked && *walked == Walked::frame && header.first > count_;
    if (gap) {
      const bool all = header.first <= until.count;
      make_gap(all ? header.first : until.count, all ? header.digest : until.digest, why, damaged_at, chunk);
      walker_->move_to({.at = {header.first, walker_->frame_offset()}});
      return {};
    }
    if (walked && *walked == Walked::frame && !holds_entries(header.kind)) {
      const auto whole = walker_->is_whole(frame);
      if (!whole) return fail(whole.error());
      if (!*whole) continue;
    } else if (walked && *walked == Walked::frame) {
      walked = walker_->stored(frame);
    }
    if (!walked) return fail(walked.error());
    if (*walked == Walked::frame) {
      chunk.at.offset = walker_->frame_offset();
      chunk.bytes = frame;
      chunk.count = header.count;
      leave_out_positions(chunk.bytes.data(), header);
      count_ += header.count;
      return {};
    }
    if (why.empty() && *walked == Walked::damage) {
      why = walker_->damage().what;
      damaged_at = walker_->damage().offset;
    }
    if (*walked == Walked::end && expect(until.count, here)) continue;
    if (*walked == Walked::end || walker_->position().ordinal >= until.count) {
      make_gap(until.count, until.digest, why.empty() ? "the file ends before them" : why, damaged_at, chunk);
      walker_->move_to({.at = {count_, here.at.offset}});
      return {};
    }
  }
}

// Makes a gap for the entries from count() to `end`, after which the digest is `digest`. One frame holds a limited
// number; the next call goes on.
void FrameFeed::make_gap(Ordinal end, std::uint64_t digest, const std::string& why, std::uint64_t offset,
                         Chunk& chunk) {
  FrameHeader gap;
  gap.tag = tag_;
  gap.kind = FrameKind::gap;
  gap.first = count_;
  gap.count =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(end - count_, std::numeric_limits<std::uint32_t>::max()));
  gap.min = gap.max = gap.event_min = gap.event_max = now();
  gap.digest = digest;
  chunk.at = {count_, offset};
  chunk.bytes.clear();
  append_frame(gap, {}, chunk.bytes);
  chunk.count = gap.count;
  chunk.damage = path_ + ": offset " + std::to_string(offset) + ": " + why + "; entries " + std::to_string(gap.first) +
                 " to " + std::to_string(gap.end() - 1) + " are lost";
  count_ = gap.end();
}

Result<Chunk> FrameFeed::next_trailer(std::size_t max_bytes, std::string spare) {
  if (trailer_at_ == 0) trailer_at_ = slot_ ? slot_->data_end : 0;
  Chunk chunk{.at = {count_, trailer_at_}, .count = 0, .bytes = std::move(spare)};
  chunk.bytes.clear();
  FrameCursor cursor(*file_, tag_, trailer_at_);
  // A chunk with only heads is no trailer: what follows the heads is put into the same chunk.
  FrameHeader header;
  while (trailer_at_ < footer_end_ && (chunk.bytes.size() < max_bytes || travels(header.kind))) {
    std::string_view frame;
    auto found = cursor.header(header);
    if (found && *found == FrameFound::frame) found = cursor.stored(header, frame);
    if (!found) return fail(found.error());
    // The copy is sealed again at the other end: the entries do not need what is damaged.
    if (*found != FrameFound::frame) {
      trailer_at_ = footer_end_;
      return Chunk{.at = chunk.at};
    }
    chunk.bytes.append(frame);
    trailer_at_ += frame.size();
    cursor.move_to(trailer_at_);
  }
  return chunk;
}

}  // namespace towl::detail

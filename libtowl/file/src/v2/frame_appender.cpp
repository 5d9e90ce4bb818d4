#include "v2/frame_appender.hpp"

#include <algorithm>
#include <limits>

#include "v2/digest.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/header_io.hpp"
#include "v2/positions.hpp"
#include "v2/slots.hpp"

namespace towl::detail::v2 {
namespace {

// zstd's fast level 1, at 80% to 90% of level 1's ratio: the sealed file is compressed again.
constexpr int kOpenLevel = -1;

// Smaller frames are stored as they are: zstd makes 0.6 GB/s of frames of 8 KiB, 1.1 of 16 and 2 of 64, and below this
// takes longer than to append in format 1.
constexpr std::size_t kMinCompressed = std::size_t{16} << 10;

// The most that an entry's row takes.
std::size_t most_bytes(const EntryView& entry) {
  return entry.sender.size() + entry.log_entry.size() + kMaxRowOverhead;
}

}  // namespace

FrameAppender::FrameAppender(std::uint32_t tag, Slot slot, std::size_t usual_bytes, bool compress, std::string page)
    : tag_(tag),
      usual_bytes_(usual_bytes),
      compress_(compress),
      page_(std::move(page)),
      life_(slot.life),
      life_begin_(slot.life_begin),
      sequence_(slot.sequence),
      tail_{slot.chain, slot.last_frame, false, SkipPoints(std::move(slot.points))},
      durable_tail_(tail_),
      compressor_(kOpenLevel) {}

// A frame with room for `count` entries of `bytes` that begin with `first`: the last frame, or a new one.
FrameAppender::Frame& FrameAppender::frame_for(std::size_t bytes, std::size_t count, Index& index,
                                               const EntryView& first) {
  if (!frames_.empty()) {
    Frame& frame = frames_.back();
    if (frame.header.kind == FrameKind::data && frame.end - frame.begin + bytes <= kOpenFrameBytes &&
        frame.header.count + count <= kMaxFrameEntries) {
      return frame;
    }
  }
  Frame frame{.begin = rows_.size(), .end = rows_.size()};
  frame.header.tag = tag_;
  frame.header.kind = FrameKind::data;
  frame.header.layout = Layout::rows;
  frame.header.first = index.count;
  frame.header.digest = index.digest;
  frame.header.min = frame.header.max = first.received;
  frame.header.event_min = frame.header.event_max = first.time();
  ++index.frames;
  return frames_.emplace_back(std::move(frame));
}

void FrameAppender::add(const EntryView& entry, Index& index) {
  add_to(frame_for(most_bytes(entry), 1, index, entry), entry, index);
}

bool FrameAppender::add_together(std::span<const EntryView> entries, std::span<const SourcePosition> positions,
                                 Index& index) {
  std::size_t bytes = 0;
  for (const EntryView& entry : entries) bytes += most_bytes(entry);
  const std::size_t position_bytes = positions_bytes(positions);
  if (entries.empty() || entries.size() > kMaxFrameEntries || position_bytes > kMaxPositionsBytes / 2 ||
      bytes > kMaxFrameBytes - kMaxPositionsBytes) {
    return false;
  }
  Frame& frame = frame_for(bytes + position_bytes, entries.size(), index, entries.front());
  for (const EntryView& entry : entries) add_to(frame, entry, index);
  for (const SourcePosition& position : positions) {
    const auto known = std::find_if(frame.positions.begin(), frame.positions.end(),
                                    [&](const SourcePosition& other) { return other.source == position.source; });
    if (known != frame.positions.end()) {
      known->position = position.position;
    } else {
      frame.positions.push_back(position);
    }
  }
  return true;
}

bool FrameAppender::add_gap(std::uint64_t count, std::span<const SourcePosition> positions, Timestamp when,
                            Index& index) {
  if (positions_bytes(positions) > kMaxPositionsBytes / 2) return false;
  while (count > 0) {
    Frame frame{.begin = rows_.size(), .end = rows_.size()};
    FrameHeader& header = frame.header;
    header.kind = FrameKind::gap;
    header.first = index.count;
    header.count =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(count, std::numeric_limits<std::uint32_t>::max()));
    header.digest = index.digest;
    header.min = header.max = header.event_min = header.event_max = when;
    frame.positions.assign(positions.begin(), positions.end());
    index.count += header.count;
    ++index.gaps;
    count -= header.count;
    frames_.push_back(std::move(frame));
  }
  return true;
}

void FrameAppender::add_to(Frame& frame, const EntryView& entry, Index& index) {
  frame.rows.encode(entry, rows_);
  frame.end = rows_.size();
  FrameHeader& header = frame.header;
  const std::size_t text_bytes = entry.sender.size() + entry.log_entry.size();
  ++header.count;
  header.min = std::min(header.min, entry.received);
  header.max = std::max(header.max, entry.received);
  header.event_min = std::min(header.event_min, entry.time());
  header.event_max = std::max(header.event_max, entry.time());
  header.text_bytes += static_cast<std::uint32_t>(text_bytes);
  index.min = std::min(index.min.value_or(entry.received), entry.received);
  index.max = std::max(index.max.value_or(entry.received), entry.received);
  index.event_min = std::min(index.event_min.value_or(entry.time()), entry.time());
  index.event_max = std::max(index.event_max.value_or(entry.time()), entry.time());
  index.text_bytes += text_bytes;
  index.digest = extend_digest(index.digest, entry);
  count_entry(entry, index);
}

// Appends a frame that is to be at `offset` to stored_.
void FrameAppender::store(FrameHeader& header, std::string_view payload, std::string_view positions,
                          std::uint64_t offset) {
  header.tag = tag_;
  header.life = life_;
  header.previous = stored_chain_;
  header = append_frame(header, payload, stored_, positions);
  stored_chain_ = header.header_checksum;
  stored_last_frame_ = offset;
}

void FrameAppender::store_copy(Ordinal first, std::uint64_t digest, Ordinal durable, std::uint64_t offset) {
  FrameHeader header;
  header.kind = FrameKind::header;
  header.first = first;
  header.digest = digest;
  header.durable = durable;
  header.raw_bytes = static_cast<std::uint32_t>(page_.size());
  store(header, page_, {}, offset);
}

std::string_view FrameAppender::stored(Ordinal durable, std::uint64_t offset) {
  stored_.clear();
  stored_is_copy_ = false;
  stored_chain_ = tail_.chain;
  stored_last_frame_ = tail_.last_frame;
  for (Frame& frame : frames_) {
    const auto rows = std::string_view(rows_).substr(frame.begin, frame.end - frame.begin);
    FrameHeader& header = frame.header;
    if (!page_.empty() && is_copy_due(stored_last_frame_, offset + stored_.size())) {
      store_copy(header.first, header.digest, durable, offset + stored_.size());
    }
    header.durable = durable;
    header.raw_bytes = static_cast<std::uint32_t>(rows.size());
    const bool pays = compress_ && rows.size() >= kMinCompressed && compressor_.compress(rows, compressed_) &&
                      compressed_.size() < rows.size() - rows.size() / 8;
    header.codec = pays ? Codec::zstd : Codec::raw;
    positions_.clear();
    append_positions(frame.positions, positions_);
    frame.offset = offset + stored_.size();
    store(header, pays ? std::string_view(compressed_) : rows, positions_, frame.offset);
  }
  return stored_;
}

std::string_view FrameAppender::closing(Ordinal durable, const Index& index, std::uint64_t offset) {
  stored_.clear();
  if (page_.empty() || offset < kFirstCopyAt / 2 || tail_.ends_with_copy) return stored_;
  stored_chain_ = tail_.chain;
  stored_is_copy_ = true;
  store_copy(index.count, index.digest, durable, offset);
  return stored_;
}

std::string_view FrameAppender::head(std::string_view payload, Ordinal durable, const Index& index,
                                     std::uint64_t offset) {
  stored_.clear();
  stored_chain_ = tail_.chain;
  stored_is_copy_ = false;
  FrameHeader header;
  header.kind = FrameKind::head;
  header.first = index.count;
  header.digest = index.digest;
  header.durable = durable;
  header.raw_bytes = static_cast<std::uint32_t>(payload.size());
  store(header, payload, {}, offset);
  return stored_;
}

void FrameAppender::begin_life(std::uint32_t random, Ordinal first) {
  life_ = {life_.number + 1, random};
  life_begin_ = first;
}

void FrameAppender::written(std::uint64_t) {
  tail_.chain = stored_chain_;
  tail_.last_frame = stored_last_frame_;
  tail_.ends_with_copy = stored_is_copy_;
  for (const Frame& frame : frames_) {
    if (frame.header.kind == FrameKind::data) tail_.points.add({frame.header.first, frame.offset});
  }
  drop();
}

void FrameAppender::drop() {
  frames_.clear();
  for (std::string* memory : {&rows_, &stored_, &compressed_, &positions_}) {
    memory->clear();
    if (memory->capacity() > 4 * usual_bytes_) *memory = std::string();
  }
}

void FrameAppender::synced() { durable_tail_ = tail_; }

Result<void> FrameAppender::write_index(File& file, const Index& index, const Position& end) {
  Slot slot;
  slot.sequence = sequence_ + 1;
  slot.index = index;
  slot.data_end = end.offset;
  slot.chain = durable_tail_.chain;
  slot.last_frame = durable_tail_.last_frame;
  slot.life = life_;
  slot.life_begin = life_begin_;
  slot.points = durable_tail_.points.points();
  auto put = write_slot(file, slot, tag_);
  if (put) ++sequence_;
  return put;
}

Result<void> FrameAppender::visit_stored(std::string_view bytes, const VisitEntry& visit, const VisitGap& gap) const {
  FrameDecoder decoder;
  FrameHeader header;
  EntryView entry;
  while (!bytes.empty() && read_frame_header(bytes, tag_, header) == FrameFound::frame) {
    if (header.kind == FrameKind::gap) {
      if (auto done = gap(header.count); !done) return done;
    }
    if (auto begun = decoder.begin(header, payload_of(bytes, header)); !begun) return begun;
    for (;;) {
      const auto more = decoder.next(entry);
      if (!more) return fail(more.error());
      if (!*more) break;
      if (auto done = visit(entry); !done) return done;
    }
    bytes.remove_prefix(static_cast<std::size_t>(header.bytes()));
  }
  return {};
}

}  // namespace towl::detail::v2

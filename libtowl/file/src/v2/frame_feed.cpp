#include "v2/frame_feed.hpp"

#include <algorithm>

#include "pages_io.hpp"
#include "v2/digest.hpp"
#include "v2/footer_io.hpp"
#include "v2/frame_appender.hpp"
#include "v2/frame_decoder.hpp"
#include "v2/positions.hpp"
#include "v2/slots.hpp"

namespace towl::detail::v2 {

FrameFeed::FrameFeed(std::unique_ptr<File> file, std::string path, std::uint32_t tag, std::optional<Slot> slot,
                     Directory directory, std::uint64_t footer_end)
    : file_(std::move(file)),
      path_(std::move(path)),
      tag_(tag),
      slot_(std::move(slot)),
      directory_(std::move(directory)),
      footer_end_(footer_end),
      walker_(std::make_unique<FrameWalker>(*file_, tag, slot_)) {}

Result<FrameFeed> FrameFeed::open(std::unique_ptr<File> file, std::string path, const Uuid& uuid) {
  const std::uint32_t tag = file_tag(uuid);
  auto slots = read_slots(*file, tag);
  if (!slots) return fail(std::move(slots.error()));
  if (auto own = check_own_header(*file, tag, *slots); !own) return fail(at_file(std::move(own.error()), path));
  const auto footer = read_footer(*file, tag);
  if (!footer) return fail(footer.error());
  std::optional<Slot> slot = std::move(slots->newest);
  Directory directory;
  std::uint64_t footer_end = 0;
  if (*footer) {
    slot = (*footer)->slot;
    footer_end = slot->footer_offset + kFooterBytes;
    auto read = read_directory(*file, tag, **footer);
    if (!read) return fail(std::move(read.error()));
    if (*read) directory = std::move(**read);
  }
  return FrameFeed(std::move(file), std::move(path), tag, std::move(slot), std::move(directory), footer_end);
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

// From a point in front of it to the frame that holds `count`, or that begins with it.
Result<void> FrameFeed::find_frame(Ordinal count) {
  FrameHeader header;
  for (;;) {
    const Position at = walker_->position();
    if (count == 0) {
      digest_ = 0;
      boundary_ = Boundary{at.offset, 0};
      return {};
    }
    const auto walked = walker_->next(header);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::damage) {
      if (walker_->damage().last <= count) continue;
      return damaged(walker_->damage().what, walker_->damage().offset, walker_->damage().first);
    }
    if (*walked == Walked::end) return damaged("the file ends before this entry", at.offset, count);
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
    if (*checked != Walked::frame)
      return damaged("the frame that holds this entry is damaged", walker_->damage().offset, count);
    return stop_within(header, frame, count);
  }
}

// The rest of the frame is framed again, and the digest up to COUNT is that of the entries before it.
Result<void> FrameFeed::stop_within(const FrameHeader& header, std::string_view frame, Ordinal count) {
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
  FrameAppender appender(tag_, tail, kWriteBufferBytes);
  digest_ = header.digest;
  EntryView entry;
  for (Ordinal ordinal = header.first;; ++ordinal) {
    if (ordinal == count) index.digest = digest_;
    const auto more = decoder.next(entry);
    if (!more) return no_entries(more.error());
    if (!*more) break;
    if (ordinal < count) {
      digest_ = extend_digest(digest_, entry);
    } else if (ordinal + 1 < header.end() || !appender.add_together({&entry, 1}, positions, index)) {
      appender.add(entry, index);
    }
  }
  boundary_.reset();
  if (header.end() == count) {
    boundary_ = Boundary{walker_->position().offset, header.header_checksum};
    return {};
  }
  rest_ = appender.stored(header.durable, 0);
  rest_count_ = header.end() - count;
  return {};
}

Result<FrameRun> FrameFeed::next(Ordinal limit, std::size_t max_bytes, std::string spare) {
  FrameRun run{.at = {count_, walker_->position().offset}, .count = 0, .bytes = std::move(spare)};
  run.bytes.clear();
  if (rest_count_ > 0) {
    run.bytes.swap(rest_);
    run.count = std::exchange(rest_count_, 0);
    count_ += run.count;
    return run;
  }
  FrameHeader header;
  while (count_ < limit && run.bytes.size() < max_bytes) {
    const WalkStart here{.at = walker_->position(), .chain = walker_->chain()};
    auto walked = walker_->next(header);
    // Not half a frame more than was asked for, where there is something to send already.
    if (walked && *walked == Walked::frame && run.count > 0 && run.bytes.size() + header.bytes() > max_bytes) {
      walker_->move_to(here);
      break;
    }
    std::string_view frame;
    if (walked && *walked == Walked::frame) walked = walker_->stored(frame);
    if (!walked) return fail(walked.error());
    if (*walked != Walked::frame) {
      walker_->move_to(here);
      if (run.count > 0) break;  // Damage is told once what stands in front of it was sent.
      return *walked == Walked::damage
                 ? damaged(walker_->damage().what, walker_->damage().offset, count_)
                 : damaged("the file should have " + std::to_string(limit) + " entries", here.at.offset, count_);
    }
    if (run.count == 0) run.at.offset = walker_->frame_offset();
    run.bytes.append(frame);
    if (!check_positions(frame, header))
      leave_out_positions(run.bytes.data() + run.bytes.size() - frame.size(), header);
    run.count += header.count;
    count_ += header.count;
  }
  return run;
}

Result<FrameRun> FrameFeed::next_trailer(std::size_t max_bytes, std::string spare) {
  if (trailer_at_ == 0) trailer_at_ = slot_ ? slot_->data_end : 0;
  FrameRun run{.at = {count_, trailer_at_}, .count = 0, .bytes = std::move(spare)};
  run.bytes.clear();
  FrameCursor cursor(*file_, tag_, trailer_at_);
  while (trailer_at_ < footer_end_ && run.bytes.size() < max_bytes) {
    FrameHeader header;
    std::string_view frame;
    auto found = cursor.header(header);
    if (found && *found == FrameFound::frame) found = cursor.stored(header, frame);
    if (!found) return fail(found.error());
    if (*found != FrameFound::frame) {
      return damaged("a filter, directory or footer frame is damaged", trailer_at_, count_);
    }
    run.bytes.append(frame);
    trailer_at_ += frame.size();
    cursor.move_to(trailer_at_);
  }
  return run;
}

}  // namespace towl::detail::v2

#include "v2/frame_source.hpp"

#include <algorithm>
#include <limits>

#include "v2/footer_io.hpp"
#include "v2/sealed_frame.hpp"
#include "v2/token_filter.hpp"

namespace towl::detail::v2 {
FrameSource::FrameSource(File& file, std::string path, std::uint32_t tag, const std::optional<Slot>& slot,
                         Directory directory, const ReadOptions& options)
    : file_(file),
      path_(std::move(path)),
      tag_(tag),
      since_(options.since),
      until_(options.until),
      max_entry_bytes_(options.max_entry_bytes),
      wanted_parts_(options.wanted),
      sieve_(options.sieve),
      within_(options.within),
      directory_(std::move(directory)),
      skip_points_(slot ? slot->points : std::vector<SkipPoint>()),
      count_(slot ? slot->index.count : 0),
      walker_(file, tag, slot) {
  if (since_ || until_) wanted_parts_.time = true;
  for (const auto& alternative : options.words) {
    auto& tokens = words_.emplace_back();
    for (const std::string& word : alternative) tokens.push_back(filter_token(word));
  }
}

tl::unexpected<Error> FrameSource::damaged(const Damage& damage) const {
  Error error{.code = ErrorCode::corrupt, .message = lost_text(damage), .file = path_};
  error.offset = damage.offset;
  error.ordinal = damage.first;
  return fail(std::move(error));
}

// The error of a frame that is whole, but whose entries cannot be read.
tl::unexpected<Error> FrameSource::damaged(Error error) {
  in_frame_ = false;
  decoder_.clear();
  error.file = path_;
  error.offset = frame_at_.offset;
  error.ordinal = frame_at_.ordinal;
  return fail(std::move(error));
}

// Decodes the frame that the walker is at, unless a sieve says that it has nothing that is wanted. False at the end.
Result<bool> FrameSource::take_frame(const FrameHeader& header, bool& is_wanted) {
  is_wanted = true;
  std::string_view payload;
  const auto walked = walker_.payload(payload);
  if (!walked) return fail(walked.error());
  if (*walked == Walked::damage) return damaged(walker_.damage());
  if (*walked == Walked::end) return false;
  if (sieve_ != nullptr) {
    const auto any = decoder_.begin_sifted(header, payload, wanted_parts_, *sieve_);
    if (!any) return damaged(any.error());
    is_wanted = *any;
  } else if (auto begun = decoder_.begin(header, payload, wanted_parts_); !begun) {
    return damaged(std::move(begun.error()));
  }
  in_frame_ = is_wanted;
  if (!is_wanted) return true;
  if (auto skipped = decoder_.skip_to(wanted_); !skipped) return damaged(std::move(skipped.error()));
  return true;
}

// The next frame with something wanted in it; false if there is none before `end`.
Result<bool> FrameSource::next_frame(Ordinal end) {
  in_frame_ = false;
  jump_to_wanted(end);
  FrameHeader header;
  for (;;) {
    if (walker_.position().ordinal >= end) return false;
    const auto walked = walker_.next(header);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::end) return false;
    if (*walked == Walked::damage) return damaged(walker_.damage());
    frame_at_ = {header.first, walker_.frame_offset()};
    if (header.first >= end) return false;
    // If all of the frame is asked for, its header may be enough.
    const bool is_whole = header.first >= wanted_ && header.end() <= end;
    const bool passes =
        sieve_ != nullptr && is_whole && header.kind == FrameKind::data && is_wanted(header) && !sieve_->wants(header);
    if (header.kind == FrameKind::data && is_wanted(header) && !passes && !is_last_and_unwanted(header)) {
      bool any = false;
      auto taken = take_frame(header, any);
      if (!taken || !*taken || any) return taken;
    }
    if (!directory_.empty()) jump_to_wanted(end);
  }
}

// A missing or damaged filter excludes nothing.
bool FrameSource::may_hold_words(const DirectoryEntry& entry) const {
  if (words_.empty() || entry.filter_offset == 0) return true;
  const auto filter = read_frame(file_, tag_, entry.filter_offset, FrameKind::filter);
  if (!filter || !*filter) return true;
  return std::any_of(words_.begin(), words_.end(), [&](const auto& tokens) {
    return std::all_of(tokens.begin(), tokens.end(),
                       [&](const FilterToken& token) { return may_hold(**filter, token); });
  });
}

bool FrameSource::is_unwanted(Directory::const_iterator entry) const {
  const bool is_last = std::next(entry) == directory_.end();
  if (!is_last && std::next(entry)->first <= wanted_) return true;
  if (!may_be_in_range(entry->event_min, entry->event_max)) return true;
  if (!within_.empty()) {
    const Ordinal end = is_last ? ~Ordinal{0} : std::next(entry)->first;
    const auto run = std::upper_bound(within_.begin(), within_.end(), entry->first,
                                      [](Ordinal ordinal, const auto& one) { return ordinal < one.second; });
    if (run == within_.end() || run->first >= end) return true;
  }
  return !may_hold_words(*entry);
}

// The last frame's header is read, so that the end is found; its entries need not be.
bool FrameSource::is_last_and_unwanted(const FrameHeader& header) const {
  if (directory_.empty() || (words_.empty() && within_.empty())) return false;
  const auto last = std::prev(directory_.end());
  return header.first == last->first && is_unwanted(last);
}

// If a directory says which frames are not wanted, they are not even looked at.
void FrameSource::jump_to_wanted(Ordinal end) {
  const bool all_wanted =
      wanted_ <= walker_.position().ordinal && !since_ && !until_ && words_.empty() && within_.empty();
  if (directory_.empty() || all_wanted) return;
  auto at = std::lower_bound(directory_.begin(), directory_.end(), walker_.position().ordinal,
                             [](const DirectoryEntry& entry, Ordinal ordinal) { return entry.first < ordinal; });
  const auto begin = at;
  // Not past the last one: the walker finds the end by itself.
  while (at != directory_.end() && std::next(at) != directory_.end() && at->first < end && is_unwanted(at)) ++at;
  if (at != begin && at != directory_.end()) walker_.move_to({.at = {at->first, at->offset}});
}

Result<bool> FrameSource::next(EntryView& entry) {
  for (;;) {
    if (in_frame_) {
      const auto more = decoder_.next(entry);
      if (!more) return damaged(more.error());
      if (*more) {
        if (!in_time_range(entry)) continue;
        if (entry.sender.size() + entry.log_entry.size() <= max_entry_bytes_) return true;
        return fail(Error{.code = ErrorCode::entry_too_large,
                          .message = "an entry over the size limit",
                          .file = path_,
                          .offset = frame_at_.offset,
                          .ordinal = ordinal()});
      }
    }
    const auto found = next_frame(~Ordinal{0});
    if (!found) return fail(found.error());
    if (!*found) return false;
  }
}

Result<bool> FrameSource::next_batch(Ordinal end, EntryBatch& batch) {
  for (;;) {
    if (in_frame_) {
      batch.first = decoder_.next_ordinal();
      if (batch.first >= end) return false;
      const auto taken = decoder_.take(end - batch.first, batch.bytes);
      if (!taken) return damaged(taken.error());
      batch.entries = *taken;
      if (!taken->empty()) return true;
    }
    auto found = next_frame(end);
    if (!found || !*found) return found;
  }
}

WalkStart FrameSource::start_for(Ordinal ordinal) const {
  WalkStart start;
  const auto behind = std::upper_bound(skip_points_.begin(), skip_points_.end(), ordinal,
                                       [](Ordinal value, const SkipPoint& point) { return value < point.ordinal; });
  if (behind != skip_points_.begin()) start.at = {std::prev(behind)->ordinal, std::prev(behind)->offset};
  const auto entry = std::upper_bound(directory_.begin(), directory_.end(), ordinal,
                                      [](Ordinal value, const DirectoryEntry& e) { return value < e.first; });
  if (entry != directory_.begin()) start.at = {std::prev(entry)->first, std::prev(entry)->offset};
  return start;
}

Result<void> FrameSource::seek(Ordinal ordinal) {
  // Forward within the frame or from it, so that its chain stays known.
  const bool forwards = in_frame_ ? ordinal >= decoder_.next_ordinal() : ordinal >= walker_.position().ordinal;
  wanted_ = ordinal;
  if (in_frame_ && forwards && ordinal < walker_.position().ordinal) {
    if (auto skipped = decoder_.skip_to(ordinal); !skipped) return damaged(std::move(skipped.error()));
    return {};
  }
  in_frame_ = false;
  const WalkStart start = start_for(ordinal);
  if (!forwards || start.at.ordinal > walker_.position().ordinal) walker_.move_to(start);
  return {};
}

void FrameSource::seek(const Position& position) {
  in_frame_ = false;
  wanted_ = position.ordinal;
  walker_.move_to({.at = position, .within = true});
}

Position FrameSource::position() const {
  if (in_frame_ && decoder_.next_ordinal() < walker_.position().ordinal) {
    return {decoder_.next_ordinal(), frame_at_.offset};
  }
  return walker_.position();
}

Result<Position> FrameSource::skip_to_end() {
  in_frame_ = false;
  wanted_ = 0;
  FrameHeader header;
  bool any = false;
  if (!directory_.empty() && directory_.back().first > walker_.position().ordinal) {
    walker_.move_to({.at = {directory_.back().first, directory_.back().offset}});
  }
  for (;;) {
    const auto walked = walker_.next(header);
    if (!walked) return fail(walked.error());
    if (*walked == Walked::damage) return damaged(walker_.damage());
    if (*walked == Walked::frame) {
      any = true;
      continue;
    }
    if (!any) return walker_.position();
    // Only headers were looked at: the last frame may be torn, or damaged with other frames within its length.
    any = false;
    std::string_view payload;
    const auto checked = walker_.payload(payload);
    if (!checked) return fail(checked.error());
    if (*checked != Walked::damage) return walker_.position();
  }
}

Result<void> FrameSource::points(std::uint64_t every_bytes, std::vector<Position>& points) {
  in_frame_ = false;
  wanted_ = 0;
  walker_.move_to({});
  Position last = walker_.position();
  points.push_back(last);
  FrameHeader header;
  for (;;) {
    const Position at = walker_.position();
    const auto walked = walker_.next(header);
    if (!walked) return fail(walked.error());
    const bool end = *walked == Walked::end;
    if (end ? at != last : *walked == Walked::frame && at.offset - last.offset >= every_bytes) {
      points.push_back(at);
      last = at;
    }
    if (end) return {};
  }
}

Result<void> FrameSource::pieces(std::vector<Piece>& pieces) {
  in_frame_ = false;
  wanted_ = 0;
  if (directory_.empty()) return walked_pieces(pieces);
  directory_pieces(pieces);
  return {};
}

// In a sealed file each frame is a piece. What the directory does not name belongs to the frame before it.
void FrameSource::directory_pieces(std::vector<Piece>& pieces) const {
  for (std::size_t i = 0; i < directory_.size(); ++i) {
    const DirectoryEntry& entry = directory_[i];
    const bool last = i + 1 == directory_.size();
    Piece piece{{entry.first, entry.offset},
                last ? std::max(count_, entry.first) : directory_[i + 1].first,
                entry.event_min,
                entry.event_max};
    if (i == 0) piece.begin = {0, kDataOffset};
    pieces.push_back(piece);
  }
}

Result<void> FrameSource::walked_pieces(std::vector<Piece>& pieces) {
  walker_.move_to({});
  constexpr Piece kNone{{}, 0, std::numeric_limits<Timestamp>::max(), std::numeric_limits<Timestamp>::min()};
  Piece piece = kNone;
  piece.begin = walker_.position();
  std::uint64_t bytes = 0;
  FrameHeader header;
  for (;;) {
    const auto walked = walker_.next(header);
    if (!walked) return fail(walked.error());
    const bool end = *walked == Walked::end;
    if (*walked == Walked::frame) {
      piece.event_min = std::min(piece.event_min, header.event_min);
      piece.event_max = std::max(piece.event_max, header.event_max);
      bytes += header.text_bytes;
    } else if (*walked == Walked::damage) {
      // Must be read, so that it is reported, no matter what is asked for.
      piece.event_min = std::numeric_limits<Timestamp>::min();
      piece.event_max = std::numeric_limits<Timestamp>::max();
    }
    piece.end = walker_.position().ordinal;
    const bool full = bytes >= kMaxPieceBytes || piece.end - piece.begin.ordinal >= kMaxPieceEntries;
    if (piece.end > piece.begin.ordinal && (end || full)) {
      pieces.push_back(piece);
      piece = kNone;
      piece.begin = walker_.position();
      bytes = 0;
    }
    if (end) return {};
  }
}

}  // namespace towl::detail::v2

#include "v1/stored_entries.hpp"

#include <limits>

namespace towl::detail::v1 {
namespace {

constexpr Position kFirst{0, kDataOffset};

}  // namespace

StoredEntries::StoredEntries(File& file, std::string path, const ReadOptions& options)
    : path_(std::move(path)),
      since_(options.since),
      until_(options.until),
      cursor_(file, kFirst, options.max_entry_bytes) {}

// The error of an entry that could not be read; success if it is just not all there yet.
Result<void> StoredEntries::check(Found found) const {
  if (found == Found::entry || found == Found::incomplete) return {};
  Error error{.code = found == Found::too_large ? ErrorCode::entry_too_large : ErrorCode::corrupt,
              .message = std::string(describe(found)),
              .file = path_};
  error.offset = cursor_.position().offset;
  error.ordinal = cursor_.position().ordinal;
  return fail(std::move(error));
}

// Skips until `ordinal`, or to the end of what is there.
Result<void> StoredEntries::skip_to(Ordinal ordinal) {
  while (cursor_.position().ordinal < ordinal) {
    const auto found = cursor_.skip();
    if (!found) return fail(found.error());
    if (auto good = check(*found); !good) return good;
    if (*found == Found::incomplete) break;
  }
  return {};
}

// False if the file does not reach so far yet.
Result<bool> StoredEntries::skip_to_wanted() {
  if (cursor_.position().ordinal >= wanted_) return true;
  if (auto skipped = skip_to(wanted_); !skipped) return fail(std::move(skipped.error()));
  return cursor_.position().ordinal >= wanted_;
}

Result<bool> StoredEntries::next(EntryView& entry) {
  if (auto there = skip_to_wanted(); !there || !*there) return there;
  for (;;) {
    const auto found = cursor_.next(entry);
    if (!found) return fail(found.error());
    if (auto good = check(*found); !good) return fail(std::move(good.error()));
    if (*found == Found::incomplete) return false;
    if (in_time_range(entry)) return true;
  }
}

// Does not read from the disk again, but leaves that to the next call: views stay valid.
Result<bool> StoredEntries::next_batch(Ordinal end, EntryBatch& batch) {
  if (auto there = skip_to_wanted(); !there || !*there) return there;
  if (cursor_.position().ordinal >= end) return false;
  batch_.clear();
  batch.first = cursor_.position().ordinal;
  EntryView entry;
  const auto found = cursor_.next(entry);
  if (!found) return fail(found.error());
  if (auto good = check(*found); !good) return fail(std::move(good.error()));
  if (*found == Found::incomplete) return false;
  do {
    batch_.push_back(entry);
  } while (cursor_.position().ordinal < end && batch_.size() < kMaxPieceEntries &&
           cursor_.next_buffered(entry) == Found::entry);
  batch.entries = batch_;
  const char* const begin = batch_.front().log_entry.data();
  const std::string_view last = batch_.back().log_entry;
  batch.bytes = {begin, static_cast<std::size_t>(last.data() + last.size() - begin)};
  return true;
}

Result<void> StoredEntries::seek(Ordinal ordinal) {
  if (ordinal < cursor_.position().ordinal) cursor_.move_to(kFirst);
  wanted_ = ordinal;
  return skip_to(ordinal);
}

void StoredEntries::seek(const Position& position) {
  cursor_.move_to(position);
  wanted_ = position.ordinal;
}

Result<Position> StoredEntries::skip_to_end() {
  if (auto skipped = skip_to(~Ordinal{0}); !skipped) return fail(std::move(skipped.error()));
  wanted_ = 0;
  return cursor_.position();
}

// Every entry is decoded: one whose time is damaged ends the file for next() as well.
Result<void> StoredEntries::points(std::uint64_t every_bytes, std::vector<Position>& points) {
  cursor_.move_to(kFirst);
  Position last = kFirst;
  points.push_back(last);
  EntryView entry;
  for (;;) {
    const auto found = cursor_.next(entry);
    const Position at = cursor_.position();
    const bool end = !found || *found != Found::entry;
    if (end ? at != last : at.offset - last.offset >= every_bytes) {
      points.push_back(at);
      last = at;
    }
    if (!found) return fail(found.error());
    if (end) return check(*found);
  }
}

// As points().
Result<void> StoredEntries::pieces(std::vector<Piece>& pieces) {
  cursor_.move_to(kFirst);
  Piece piece{kFirst, 0, std::numeric_limits<Timestamp>::min(), std::numeric_limits<Timestamp>::max()};
  EntryView entry;
  for (;;) {
    const auto found = cursor_.next(entry);
    const Position at = cursor_.position();
    const bool end = !found || *found != Found::entry;
    piece.end = at.ordinal;
    if (at.ordinal > piece.begin.ordinal && (end || at.offset - piece.begin.offset >= kMaxPieceBytes ||
                                             at.ordinal - piece.begin.ordinal >= kMaxPieceEntries)) {
      pieces.push_back(piece);
      piece.begin = at;
    }
    if (!found) return fail(found.error());
    if (end) return check(*found);
  }
}

}  // namespace towl::detail::v1

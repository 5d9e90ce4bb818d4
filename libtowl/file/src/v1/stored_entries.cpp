#include "v1/stored_entries.hpp"

namespace towl::detail::v1 {
namespace {

constexpr Position kFirst{0, kDataOffset};

}  // namespace

StoredEntries::StoredEntries(File& file, std::string path, const ReadOptions& options)
    : path_(std::move(path)),
      since_(options.since),
      until_(options.until),
      cursor_(file, kFirst, options.max_entry_bytes) {}

// The error of an entry that could not be read; success where it is just not all there yet.
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

Result<bool> StoredEntries::next(EntryView& entry) {
  if (cursor_.position().ordinal < wanted_) {
    if (auto skipped = skip_to(wanted_); !skipped) return fail(std::move(skipped.error()));
    if (cursor_.position().ordinal < wanted_) return false;
  }
  for (;;) {
    const auto found = cursor_.next(entry);
    if (!found) return fail(found.error());
    if (auto good = check(*found); !good) return fail(std::move(good.error()));
    if (*found == Found::incomplete) return false;
    if (in_time_range(entry)) return true;
  }
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

}  // namespace towl::detail::v1

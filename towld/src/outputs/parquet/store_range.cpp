#include "outputs/parquet/store_range.hpp"

namespace towld {

/// False if there is no further file.
towl::Result<bool> StoreRange::open_next() {
  if (at_.file_id == 0) {
    const auto listing = store_.list();
    if (!listing) return towl::fail(listing.error());
    if (listing->files.empty()) return false;
    at_ = {listing->files.front().file_id, 0, {}};
  }
  for (; at_.file_id <= end_.file_id; ++at_.file_id, at_.ordinal = 0) {
    auto reader = store_.open_file(at_.file_id, {.wanted = wanted_});
    if (!reader) {
      const bool may_work =
          reader.error().code == towl::ErrorCode::io || reader.error().code == towl::ErrorCode::permission_denied;
      if (may_work) return towl::fail(std::move(reader.error()));
      ++missed_files_;
      continue;
    }
    if (at_.ordinal > 0) {
      if (auto found = reader->seek(at_.ordinal); !found) return towl::fail(std::move(found.error()));
    }
    at_.uuid = reader->header().uuid;
    reader_ = std::move(*reader);
    return true;
  }
  return false;
}

towl::Result<std::optional<FollowedEntry>> StoreRange::next() {
  for (;;) {
    if (!reader_) {
      const auto more = open_next();
      if (!more) return towl::fail(more.error());
      if (!*more) return std::nullopt;
    }
    const auto entry = reader_->next();
    const bool is_end = entry && (!*entry || (at_.file_id == end_.file_id && reader_->ordinal() >= end_.ordinal));
    if (entry && !is_end) return FollowedEntry{at_.file_id, reader_->ordinal(), **entry, at_.uuid};
    if (!entry) {
      if (entry.error().code == towl::ErrorCode::io) return towl::fail(entry.error());
      ++damaged_places_;
      if (reader_->continues_behind_damage()) continue;
    }
    reader_.reset();
    ++at_.file_id;
    at_.ordinal = 0;
  }
}

}  // namespace towld

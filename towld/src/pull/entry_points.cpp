#include "pull/entry_points.hpp"

#include <algorithm>

#include "v1/entry_cursor.hpp"
#include "v1/layout.hpp"

namespace towld {
namespace {

constexpr std::uint64_t kPointEvery = std::uint64_t{64} << 10;

}  // namespace

std::shared_ptr<EntryPoints::Points> EntryPoints::points_of(towl::FileId file_id) {
  std::lock_guard lock(mutex_);
  recent_.remove(file_id);
  recent_.push_front(file_id);
  if (recent_.size() > max_files_) {
    points_.erase(recent_.back());
    recent_.pop_back();
  }
  auto& points = points_[file_id];
  if (!points) {
    points = std::make_shared<Points>();
    points->last = {.ordinal = 0, .offset = towl::detail::v1::kDataOffset};
    points->known.push_back(points->last);
  }
  return points;
}

towl::Result<towl::Position> EntryPoints::find(towl::FileId file_id, towl::File& file, towl::Ordinal ordinal) {
  const auto points = points_of(file_id);
  std::lock_guard lock(points->mutex);
  towl::Position from = points->last;
  if (ordinal < from.ordinal) {
    const auto behind = std::upper_bound(points->known.begin(), points->known.end(), ordinal,
                                         [](towl::Ordinal value, const auto& point) { return value < point.ordinal; });
    from = *std::prev(behind);
  }
  towl::detail::EntryCursor cursor(file, from);
  while (cursor.position().ordinal < ordinal) {
    const auto found = cursor.skip();
    if (!found) return towl::fail(found.error());
    const towl::Position at = cursor.position();
    if (*found != towl::detail::v1::Found::entry) {
      return towl::fail(towl::Error{.code = towl::ErrorCode::corrupt,
                                    .message = "no whole entry here",
                                    .offset = at.offset,
                                    .ordinal = at.ordinal});
    }
    if (at.ordinal > points->last.ordinal) {
      points->last = at;
      if (at.offset - points->known.back().offset >= kPointEvery) points->known.push_back(at);
    }
  }
  return cursor.position();
}

}  // namespace towld

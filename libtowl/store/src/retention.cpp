#include "retention.hpp"

#include <algorithm>
#include <limits>

#include "filenames.hpp"
#include "pages_io.hpp"

namespace towl::detail {
namespace {

std::uint64_t bytes_to_keep_free(const RetentionPolicy& policy, const Space& space) {
  std::uint64_t bytes = policy.keep_free_bytes.value_or(0);
  if (policy.keep_free_percent) {
    const double share = std::clamp(*policy.keep_free_percent, 0.0, 100.0) / 100.0;
    bytes = std::max(bytes, static_cast<std::uint64_t>(static_cast<double>(space.total_bytes) * share));
  }
  return bytes;
}

bool is_older(Timestamp closed, const RetentionPolicy& policy, Timestamp time) {
  return policy.max_age_ns && closed < time && time - closed > *policy.max_age_ns;
}

}  // namespace

std::vector<FileInfo> plan_retention(const std::vector<FileInfo>& files, const RetentionPolicy& policy, Timestamp time,
                                     const Space& space) {
  std::uint64_t left_bytes = 0;
  for (const FileInfo& file : files) left_bytes += file.size;
  std::uint64_t free_bytes = space.available_bytes;
  const std::uint64_t keep_free = bytes_to_keep_free(policy, space);

  std::vector<FileInfo> removed;
  // A file is closed after the one before it: if its time says otherwise, the clock was set back.
  Timestamp closed = std::numeric_limits<Timestamp>::min();
  for (std::size_t i = 0; i + 1 < files.size(); ++i) {
    const FileInfo& file = files[i];
    if (!file.index.closed || (policy.keep_from && file.file_id >= *policy.keep_from)) break;
    closed = std::max(closed, *file.index.closed);
    const bool too_many_bytes = policy.max_bytes && left_bytes > *policy.max_bytes;
    if (!is_older(closed, policy, time) && !too_many_bytes && free_bytes >= keep_free) break;
    left_bytes -= file.size;
    free_bytes += file.size;
    removed.push_back(file);
  }
  return removed;
}

Result<std::vector<FileInfo>> remove_old_files(const Store& store, FileLayer& layer, const RetentionPolicy& policy,
                                               Timestamp time, bool dry_run) {
  const auto listing = store.list();
  if (!listing) return fail(listing.error());
  const auto space = layer.space(store.folder());
  if (!space) return fail(space.error());
  auto planned = plan_retention(listing->files, policy, time, *space);
  if (dry_run || planned.empty()) return planned;
  for (const FileInfo& file : planned) {
    if (auto removed = layer.remove(file.path); !removed) return fail(std::move(removed.error()));
  }
  if (auto synced = layer.sync_folder(store.folder()); !synced) return fail(std::move(synced.error()));
  return planned;
}

}  // namespace towl::detail

namespace towl {

Result<std::vector<FileInfo>> retain(const std::filesystem::path& folder, const RetentionPolicy& policy, bool dry_run,
                                     FileLayer* layer) {
  FileLayer& files = detail::layer_or_posix(layer);
  const auto store = Store::open(folder, &files);
  if (!store) return fail(store.error());
  const auto lock = files.lock(folder / kLockName);
  if (!lock) return fail(lock.error());
  return detail::remove_old_files(*store, files, policy, now(), dry_run);
}

}  // namespace towl

#include "retention.hpp"

#include <algorithm>

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

bool is_older(const FileInfo& file, const RetentionPolicy& policy, Timestamp time) {
  return policy.max_age_ns && *file.index.closed < time && time - *file.index.closed > *policy.max_age_ns;
}

}  // namespace

std::vector<FileInfo> plan_retention(const std::vector<FileInfo>& files, const RetentionPolicy& policy, Timestamp time,
                                     const Space& space) {
  std::uint64_t left_bytes = 0;
  for (const FileInfo& file : files) left_bytes += file.size;
  std::uint64_t free_bytes = space.available_bytes;
  const std::uint64_t keep_free = bytes_to_keep_free(policy, space);

  std::vector<FileInfo> removed;
  for (std::size_t i = 0; i + 1 < files.size(); ++i) {
    const FileInfo& file = files[i];
    if (!file.index.closed) break;
    const bool too_many_bytes = policy.max_bytes && left_bytes > *policy.max_bytes;
    if (!is_older(file, policy, time) && !too_many_bytes && free_bytes >= keep_free) break;
    left_bytes -= file.size;
    free_bytes += file.size;
    removed.push_back(file);
  }
  return removed;
}

}  // namespace towl::detail

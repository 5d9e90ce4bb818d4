// Which files a retention policy removes. The plan is a pure function; the policy is in towl/store.hpp.
#pragma once

#include <vector>

#include "towl/store.hpp"

namespace towl::detail {

/// The files of `files` (by ID, lowest first) to remove, oldest first. Files that are not closed, and the newest,
/// stay. Removal stops at the first file that may stay: a store has no holes.
std::vector<FileInfo> plan_retention(const std::vector<FileInfo>& files, const RetentionPolicy& policy, Timestamp time,
                                     const Space& space);

/// Plans with the clock at `time`, and removes unless `dry_run`. The caller holds the store's lock.
Result<std::vector<FileInfo>> remove_old_files(const Store& store, FileLayer& layer, const RetentionPolicy& policy,
                                               Timestamp time, bool dry_run);

}  // namespace towl::detail

// Which files a retention policy removes. A pure function; the policy is in towl/store.hpp.
#pragma once

#include <vector>

#include "towl/store.hpp"

namespace towl::detail {

/// The files of `files` (by ID, lowest first) to remove, oldest first. Files that are not closed, and the newest,
/// stay. Removal stops at the first file that may stay: a store has no holes.
std::vector<FileInfo> plan_retention(const std::vector<FileInfo>& files, const RetentionPolicy& policy, Timestamp time,
                                     const Space& space);

}  // namespace towl::detail

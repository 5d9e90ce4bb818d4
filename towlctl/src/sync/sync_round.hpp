// sync_round brings the whole mirror up to what the collector has now, several files at a time.
#pragma once

#include <optional>

#include "collector/pull_error.hpp"
#include "sync/file_list.hpp"
#include "sync/pull_file.hpp"
#include "towl/mirror/served_file.hpp"

namespace towlctl {

/// How a round ended, in addition to what the report's totals say.
struct RoundResult {
  std::optional<towl::ServedFile> newest = {};  ///< The last file of the list.
  std::optional<PullError> error = {};          ///< Why the round was given up: cut, stopped, or the list is bad.
  bool listed = false;                          ///< The collector was there and named its files.
};

/// Files that fail on their own are reported and counted; the others go on. Once the collector is lost, the round is
/// given up.
RoundResult sync_round(const SyncContext& context, const FileFilter& filter, std::size_t jobs);

}  // namespace towlctl

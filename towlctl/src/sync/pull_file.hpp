// pull_file brings one file of the mirror up to the collector's.
//
// Exactly once by construction: every try, also after a loss in the middle, asks for "everything from COUNT on",
// and COUNT is what the local file holds.
#pragma once

#include <filesystem>
#include <stop_token>

#include "collector/collector.hpp"
#include "sync/mirror_file.hpp"
#include "sync/sync_report.hpp"
#include "towl/file_layer.hpp"

namespace towlctl {

/// What all pulls of a sync share. Copyable; borrows collector, layer and report.
struct SyncContext {
  Collector* collector;
  std::filesystem::path folder;  ///< Of the mirror; its lock is held.
  towl::FileLayer* layer;
  SyncReport* report;
  std::stop_token stop;
};

/// Brings ID.towl up to date; `remote` is the file as the collector listed it. A copy that turns out to be of another
/// file is set aside and pulled afresh. Errors: cut after several tries, gone, refused, bad_data, local, stopped.
/// Whatever was received before an error is kept, and the next call goes on behind it.
PullResult<void> pull_file(const SyncContext& context, const RemoteFile& remote);

/// Takes one event of a running stream into `mirror`, for the events chunk and reached.
PullResult<void> take_event(const SyncContext& context, MirrorFile& mirror, const PullEvent& event);

/// An error of libtowl: bad_data where it is about what the collector sent.
PullError to_pull_error(const towl::Error& error);

}  // namespace towlctl

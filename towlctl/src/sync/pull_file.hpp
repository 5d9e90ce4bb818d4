// pull_file brings one file of the mirror up to date with the collector's.
#pragma once

#include <stop_token>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "sync/sync_report.hpp"
#include "towl/mirror/store_mirror.hpp"

namespace towlctl {

/// What all pulls of a sync share. Copyable; borrows collector, mirror and report.
struct SyncContext {
  Collector* collector;
  towl::StoreMirror* mirror;
  SyncReport* report;
  std::stop_token stop;
  std::vector<std::string> keys = {};  ///< Of 32 bytes each: what is pulled must be signed by one of them. Empty: none.
};

/// Brings ID.towl up to date; `remote` is the file as the collector listed it. A copy that turns out to be of another
/// file is set aside and pulled from scratch; one with gaps is healed if the collector has the entries again. Errors:
/// cut after several tries, gone, refused, bad_data, local, stopped. What was received before an error is kept, and the
/// next call goes on after it.
PullResult<void> pull_file(const SyncContext& context, const towl::ServedFile& remote);

/// Takes one event of a running stream, of the kinds file, chunk and reached.
PullResult<void> take_event(const SyncContext& context, towl::FeedReceiver& receiver, const PullEvent& event);

/// Counts the gaps that came since the last call, and says where they are.
void tell_gaps(const SyncContext& context, towl::FileMirror& mirror);

/// An error of libtowl: bad_data if it is about what the collector sent.
PullError to_pull_error(const towl::Error& error);

}  // namespace towlctl

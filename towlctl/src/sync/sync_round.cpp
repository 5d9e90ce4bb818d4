#include "sync/sync_round.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "towl/file_name.hpp"

namespace towlctl {
namespace {

std::string about(const RemoteFile& file, const std::string& message) {
  return "file " + std::to_string(file.file_id()) + ": " + message;
}

/// Which of the listed files lack something.
std::vector<RemoteFile> plan(const SyncContext& context, std::vector<RemoteFile> listed) {
  std::vector<RemoteFile> missing;
  std::uint64_t bytes = 0;
  for (RemoteFile& remote : listed) {
    const auto mirror = MirrorFile::find(context.folder, remote, *context.layer);
    if (!mirror) {
      ++context.report->totals.failed;
      context.report->say(about(remote, mirror.error().to_string()));
    } else if ((*mirror)->up_to_date(remote)) {
      ++context.report->totals.skipped_files;
    } else {
      bytes += remote.size - std::min(remote.size, (*mirror)->end());
      missing.push_back(std::move(remote));
    }
  }
  context.report->expect(missing.size(), bytes);
  return missing;
}

/// Pulls files side by side.
class Pool {
 public:
  Pool(const SyncContext& context, const std::vector<RemoteFile>& files) : context_(context), files_(files) {}

  /// The error that ended it early, if one did.
  std::optional<PullError> run(std::size_t jobs) {
    {
      std::vector<std::jthread> threads;
      for (std::size_t i = 0; i < std::min(jobs, files_.size()); ++i) threads.emplace_back([this] { work(); });
    }
    return std::move(lost_);
  }

 private:
  void work() {
    while (!given_up_) {
      const std::size_t at = next_++;
      if (at >= files_.size()) return;
      finish(files_[at], pull_file(context_, files_[at]));
    }
  }

  void finish(const RemoteFile& file, const PullResult<void>& pulled) {
    SyncTotals& totals = context_.report->totals;
    context_.report->file_done();
    if (pulled) {
      ++totals.files;
      return;
    }
    const PullError& error = pulled.error();
    if (error.failure == PullFailure::gone) return;  // Retired since it was listed.
    if (error.failure == PullFailure::cut || error.failure == PullFailure::stopped) {
      const std::lock_guard lock(mutex_);
      if (!given_up_) lost_ = error;
      given_up_ = true;
      return;
    }
    ++totals.failed;
    context_.report->say(about(file, error.message));
  }

  const SyncContext& context_;
  const std::vector<RemoteFile>& files_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::optional<PullError> lost_;
};

/// How many files of the mirror have none of these IDs.
std::uint64_t count_others(const SyncContext& context, const std::set<towl::FileId>& listed) {
  std::uint64_t others = 0;
  for (const std::string& name : context.layer->list(context.folder).value_or(std::vector<std::string>())) {
    const auto id = towl::parse_file_name(name);
    if (id && !listed.contains(*id)) ++others;
  }
  return others;
}

}  // namespace

RoundResult sync_round(const SyncContext& context, const FileFilter& filter, std::size_t jobs) {
  RoundResult result;
  FileList list(*context.collector, filter);
  std::set<towl::FileId> ids;
  for (;;) {
    auto listed = list.next_page(context.stop);
    if (!listed && listed.error().failure == PullFailure::gone) {
      ++context.report->totals.failed;
      context.report->say(listed.error().message);
      continue;
    }
    if (!listed) {
      result.error = listed.error();
      return result;
    }
    result.listed = true;
    if (listed->empty()) break;
    result.newest = listed->back();
    for (const RemoteFile& file : *listed) ids.insert(file.file_id());
    const std::vector<RemoteFile> missing = plan(context, std::move(*listed));
    result.error = Pool(context, missing).run(jobs);
    if (result.error) return result;
  }
  if (!filter.any()) context.report->totals.retired_files = count_others(context, ids);
  return result;
}

}  // namespace towlctl

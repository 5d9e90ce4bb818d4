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

std::string about(const towl::ServedFile& file, const std::string& message) {
  return "file " + std::to_string(file.file_id()) + ": " + message;
}

/// Which of the listed files lack something.
std::vector<towl::ServedFile> plan(const SyncContext& context, std::vector<towl::ServedFile> listed) {
  std::vector<towl::ServedFile> missing;
  std::uint64_t bytes = 0;
  for (towl::ServedFile& remote : listed) {
    const auto mirror = context.mirror->file(remote);
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
  Pool(const SyncContext& context, const std::vector<towl::ServedFile>& files) : context_(context), files_(files) {}

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

  void finish(const towl::ServedFile& file, const PullResult<void>& pulled) {
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
  const std::vector<towl::ServedFile>& files_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> given_up_ = false;
  std::mutex mutex_;
  std::optional<PullError> lost_;
};

/// How many of the mirror's files have an ID that is not one of these.
std::uint64_t count_others(const SyncContext& context, const std::set<towl::FileId>& listed) {
  std::uint64_t others = 0;
  for (const std::string& name :
       context.mirror->layer().list(context.mirror->folder()).value_or(std::vector<std::string>())) {
    const auto id = towl::parse_file_name(name);
    if (id && !listed.contains(*id)) ++others;
  }
  return others;
}

/// Files of a store other than the collector's are kept apart from those that come now.
PullResult<void> meet(const SyncContext& context, const std::string& store) {
  const auto aside = context.mirror->meet(store);
  if (!aside && aside.error().code == towl::ErrorCode::invalid_argument) {
    return pull_fail(PullFailure::bad_data, "the collector says of its store: " + aside.error().message);
  }
  if (!aside) return pull_fail(aside.error());
  if (!*aside) return {};
  ++context.report->totals.diverged;
  context.report->say("DIVERGED: the collector at " + context.collector->server() +
                      " has another store than the one that was mirrored in " + context.mirror->folder().string() +
                      ": the files of that one are now in " + (*aside)->string() + ", and this one is mirrored afresh");
  return {};
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
    if (auto met = meet(context, list.store()); !met) {
      result.error = met.error();
      return result;
    }
    if (listed->empty()) break;
    result.newest = listed->back();
    for (const towl::ServedFile& file : *listed) ids.insert(file.file_id());
    const std::vector<towl::ServedFile> missing = plan(context, std::move(*listed));
    result.error = Pool(context, missing).run(jobs);
    if (result.error) return result;
  }
  if (!filter.any()) context.report->totals.retired_files = count_others(context, ids);
  return result;
}

}  // namespace towlctl

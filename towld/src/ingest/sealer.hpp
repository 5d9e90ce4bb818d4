// Sealer seals closed files in the background, the oldest first, one at a time.
//
// Appends come first: its thread has the lowest priority that still makes progress, and only the rename at the end runs
// on the writer's thread, between two groups, where it cannot meet retention.
// Filters:  it also keeps `store.filters` (towl/store_filters.hpp), which it makes while it seals.
// Failures: a file that is damaged is left as it is. For lack of room, of descriptors or of a working disk the sealer
//           waits, longer each time, and tries again by itself; others come first then, so that one bad sector does not
//           keep all of them.
// Restarts: what was not sealed when the collector stopped is found again when it starts.
// Threads:  its own, joined by stop() and the destructor. Borrows the ingest, which must outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "ingest/back_off.hpp"
#include "ingest/ingest.hpp"
#include "limits/limits.hpp"
#include "log/spdlog.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/seal.hpp"

namespace towld {

class Sealer : public towl::StoreListener, public std::enable_shared_from_this<Sealer> {
 public:
  struct Options {
    std::chrono::milliseconds first_pause = kFirstSealPause;      ///< After a failure that may pass.
    std::chrono::milliseconds longest_pause = kLongestSealPause;  ///< After many.
    towl::FileLayer* layer = nullptr;                             ///< nullptr: posix_file_layer().
  };
  static std::shared_ptr<Sealer> start(Ingest& ingest, std::shared_ptr<spdlog::logger> log, const Options& options);
  static std::shared_ptr<Sealer> start(Ingest& ingest, std::shared_ptr<spdlog::logger> log) {
    return start(ingest, std::move(log), Options());
  }

  /// For start() alone.
  Sealer(Ingest& ingest, std::shared_ptr<spdlog::logger> log, const Options& options)
      : ingest_(ingest),
        log_(std::move(log)),
        layer_(options.layer),
        back_off_(options.first_pause, options.longest_pause) {}
  ~Sealer() override { stop(); }

  /// Gives up the file in work; it is begun again by the next start.
  void stop();

  void store_changed() override;

 private:
  enum class Done { nothing_to_do, sealed_or_left, try_again };

  void work(const std::stop_token& stop);
  Done seal_next(const std::stop_token& stop);
  Done seal(const towl::FileInfo& file, const std::stop_token& stop);
  Done update_filters(const std::stop_token& stop);
  Done postpone(const std::string& what, const towl::Error& error);
  towl::Result<void> put_in_place(towl::SealedCopy copy, const std::stop_token& stop);

  Ingest& ingest_;
  std::shared_ptr<spdlog::logger> log_;
  towl::FileLayer* const layer_;
  // Of the thread:
  std::set<towl::FileId> given_up_;   // damaged ones
  std::set<towl::FileId> postponed_;  // those that come after all others
  BackOff back_off_;
  std::string complaint_;  // the last one, so that the same is not logged at each try

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t generation_ = 0;
  bool pending_ = true;
  std::jthread thread_;
};

}  // namespace towld

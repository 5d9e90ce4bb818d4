// Sealer seals closed files in the background, the oldest first, one at a time.
//
// Appends come first: its thread has the lowest priority that still makes progress, and only the rename at the end runs
// on the writer's thread, between two groups, where it cannot meet retention.
// Restarts: what was not sealed when the collector stopped is found again when it starts.
// Threads:  its own, joined by stop() and the destructor. Borrows the ingest, which must outlive it.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>

#include "ingest/ingest.hpp"
#include "log/spdlog.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/seal.hpp"

namespace towld {

class Sealer : public towl::StoreListener, public std::enable_shared_from_this<Sealer> {
 public:
  static std::shared_ptr<Sealer> start(Ingest& ingest, std::shared_ptr<spdlog::logger> log);

  /// For start() alone.
  Sealer(Ingest& ingest, std::shared_ptr<spdlog::logger> log) : ingest_(ingest), log_(std::move(log)) {}
  ~Sealer() override { stop(); }

  /// Gives up the file in work; it is begun again by the next start.
  void stop();

  void store_changed() override;

 private:
  void work(const std::stop_token& stop);
  bool seal_next(const std::stop_token& stop);
  void seal(const towl::FileInfo& file, const std::stop_token& stop);
  towl::Result<void> put_in_place(towl::SealedCopy copy, const std::stop_token& stop);

  Ingest& ingest_;
  std::shared_ptr<spdlog::logger> log_;
  std::set<towl::FileId> given_up_;  // damaged ones: of the thread
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::uint64_t generation_ = 0;
  bool pending_ = true;
  std::jthread thread_;
};

}  // namespace towld

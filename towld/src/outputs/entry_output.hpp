// EntryOutput prints the store's durable entries to standard output or a file: the outputs `stdout` and `file`.
//
// It follows the store by itself: whoever stores entries only wakes it. Where the disk is full it tries again; a reader
// that is gone ends it. Its position is not kept over a restart: see ReadFrom.
// Threads: its own, joined by stop() and the destructor.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "config/output_config.hpp"
#include "ingest/ingest.hpp"
#include "ingest/wakeup.hpp"
#include "log/spdlog.hpp"
#include "outputs/entry_format.hpp"
#include "outputs/output.hpp"
#include "outputs/store_follower.hpp"
#include "outputs/target.hpp"

namespace towld {

class EntryOutput : public Output {
 public:
  /// For configurations of type `stdout` and `file`. Borrows the ingest, and standard output (`stdout_fd`).
  /// Errors: io, permission_denied, not_found.
  static towl::Result<std::unique_ptr<EntryOutput>> start(const OutputConfig& config, Ingest& ingest,
                                                          std::shared_ptr<spdlog::logger> log, int stdout_fd = 1);

  /// For start() alone.
  EntryOutput(const OutputConfig& config, StoreFollower follower, Target target, std::shared_ptr<Wakeup> wakeup,
              std::shared_ptr<spdlog::logger> log);
  ~EntryOutput() override { stop(); }

  /// What was read and not written yet is not written any more.
  void stop() override;

  /// {"type":…,"entries":…,"file_id":…,"ordinal":…,"missed_files":…,"error":…}
  std::string describe() const override;

 private:
  /// Wakes the thread when there is more to read.
  class Listener;

  void run();
  bool fill();
  bool write();
  void fail(const towl::Error& error);

  OutputConfig config_;
  std::shared_ptr<Wakeup> wakeup_;
  std::shared_ptr<spdlog::logger> log_;
  std::shared_ptr<Listener> listener_;
  // Of the thread.
  StoreFollower follower_;
  EntryFormatter formatter_;
  Target target_;
  std::string buffer_;

  mutable std::mutex mutex_;
  std::uint64_t entries_ = 0;
  towl::FileId file_id_ = 0;
  towl::Ordinal ordinal_ = 0;
  std::uint64_t missed_files_ = 0;
  std::string error_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld

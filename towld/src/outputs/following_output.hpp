// FollowingOutput reads the store's durable entries in order, from its cursor on, and puts them into a Sink.
//
// Once:     its cursor is saved after the sink's commit, every second while there is something new, and at the end.
//           After a crash the sink takes back what it got after the cursor, if it can:
//           then each entry is there once.
//           If it cannot (a pipe), what it got in the last second before a crash is there twice.
// Position: a sink that keeps it itself says where to go on, at the start and after each failed commit.
// No cursor: it begins where the sink says it is, else where `from` says. A damaged one is reported and counts as none.
// Failure:  what could not be written, committed or saved is tried again, after pauses that grow (BackOff). After a
//           failed commit the sink begins again from the cursor: what a failed sync left is not known.
// Waiting:  it follows the store by itself: a thread that stores entries only wakes it.
// Threads:  its own, joined by stop() and the destructor; status() from any.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "config/read_from.hpp"
#include "ingest/back_off.hpp"
#include "ingest/wakeup.hpp"
#include "outputs/durable_cursor.hpp"
#include "outputs/output.hpp"
#include "outputs/output_type.hpp"
#include "outputs/sink.hpp"
#include "outputs/store_follower.hpp"

namespace towld {

class FollowingOutput final : public Output {
 public:
  /// Errors: those of Sink::open and of the cursor, except for `corrupt`.
  static towl::Result<std::unique_ptr<Output>> start(OutputContext context, ReadFrom from, std::unique_ptr<Sink> sink);

  /// For start() alone.
  FollowingOutput(OutputContext context, DurableCursor cursor, std::optional<Cursor> saved, StoreFollower follower,
                  std::unique_ptr<Sink> sink, std::shared_ptr<Wakeup> wakeup);
  ~FollowingOutput() override { stop(); }

  /// What was read and not written yet is not written any more.
  void stop() override;

  OutputStatus status() const override;

 private:
  using Clock = std::chrono::steady_clock;
  /// Wakes the thread when there is more to read.
  class Listener;

  void run();
  bool fill();
  bool write();
  bool step_into_place();
  void rest(bool good);
  bool commit();
  void begin_anew();
  void ask_sink();
  void pause();
  void fail(const towl::Error& error);
  void fail_commit(const towl::Error& error);
  void note(const towl::Error& error, std::string& last);
  void took();

  const OutputContext context_;
  std::shared_ptr<Wakeup> wakeup_;
  std::shared_ptr<Listener> listener_;
  const towl::Catalog catalog_;  // for status()
  // Of the thread.
  DurableCursor cursor_;
  std::optional<Cursor> saved_;
  StoreFollower follower_;
  std::unique_ptr<Sink> sink_;
  BackOff back_off_;
  std::uint64_t added_ = 0;        // entries that the sink has and has not written
  std::uint64_t added_bytes_ = 0;  // of them
  StorePosition written_;          // after the last entry that is written
  bool uncommitted_ = false;
  StorePosition begin_;   // where to begin if neither the cursor nor the sink says more
  bool is_lost_ = false;  // the sink is to be opened and to say where it is before anything else
  Clock::time_point commit_at_ = {};

  mutable std::mutex mutex_;
  OutputStatus status_;
  std::string commit_error_;
  std::atomic<bool> stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld

// Submissions hands the batches of one source to Ingest, in order, and keeps each until it is stored. What could not be
// stored (the disk is full) is submitted again after a pause; until then the source is not to be read on.
//
// For sources that wait: the batches count as received only once they are stored (Batch::read_again). Memory: what is
// kept is bounded by Ingest's queue, since may_read() asks for room.
// Threads: one at a time; answers come on the writer's thread and wake the source's by its Wakeup. Answers may come
// after this object is gone.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>

#include "ingest/back_off.hpp"
#include "ingest/batch.hpp"
#include "ingest/ingest.hpp"
#include "ingest/wakeup.hpp"
#include "limits/limits.hpp"

namespace towld {

class Submissions {
 public:
  Submissions(Ingest& ingest, std::shared_ptr<Wakeup> wakeup);

  void submit(Batch batch);

  /// The source may read on: there is room, and nothing waits to be submitted again. If not, the Wakeup wakes once
  /// it is worth asking again (after retry()).
  bool may_read();

  /// Submits again what failed, if its pause is over. Returns how long to wait until the next call; nullopt if nothing
  /// failed.
  std::optional<std::chrono::milliseconds> retry();

  /// All that was submitted is stored.
  bool all_stored() const;

  /// Forgets what failed and waits for its pause; returns how many entries. For a source that cannot read them again.
  std::uint64_t give_up();

  /// Why the last batch could not be stored; empty if one was stored since.
  std::string error() const;

  /// Batches that are not stored yet.
  std::size_t unstored() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct State;

  void hand_over(Batch batch);

  Ingest& ingest_;
  std::shared_ptr<Wakeup> wakeup_;
  std::shared_ptr<State> state_;
  std::shared_ptr<BatchStream> stream_ = std::make_shared<BatchStream>();
  std::optional<Clock::time_point> retry_at_ = {};
  BackOff back_off_{kFirstSubmissionPause, kLongestSubmissionPause};
};

}  // namespace towld

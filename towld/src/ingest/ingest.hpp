// Ingest owns the store's writer and its thread: batches go in, are committed in groups, and are answered.
//
// Backpressure: the queue counts bytes. While it is full, has_room_or() is false and inputs stop reading;
//               what they have in hand already is still taken,
//               so an input must not read on before it has asked.
// Levels:       whatever the level of a batch, what was written is synced within a second; within 20 ms while
//               somebody listens for more to read, since readers are given durable entries alone.
// Threads:      all calls from any thread. stop() and the destructor wait for the writer's thread.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "config/config.hpp"
#include "ingest/batch.hpp"
#include "ingest/committer.hpp"
#include "ingest/counters.hpp"
#include "ingest/dead_letters.hpp"
#include "ingest/pushing_stores.hpp"
#include "ingest/upstreams.hpp"
#include "limits/configured.hpp"
#include "log/spdlog.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/signed_heads.hpp"
#include "towl/store.hpp"

namespace towld {

struct IngestOptions {
  towl::FileLayer* layer = nullptr;  ///< nullptr: towl::posix_file_layer().
  bool hold_all = false;             ///< Retention removes nothing until the first hold().
  Limits limits = {};
  std::shared_ptr<LimitCounts> reached = nullptr;      ///< Counts limits that were reached.
  std::shared_ptr<towl::HeadSigner> signer = nullptr;  ///< Signs files when they are closed.
};

class Ingest {
 public:
  /// Opens the store, repairs what a crash left, and starts the writer. Errors: those of StoreWriter::open.
  static towl::Result<std::unique_ptr<Ingest>> start(const StoreConfig& config, std::shared_ptr<spdlog::logger> log,
                                                     IngestOptions options = {});

  /// For start() alone.
  class Private {
    friend class Ingest;
    Private() = default;
  };
  Ingest(Private, towl::StoreWriter writer, const StoreConfig& config, std::shared_ptr<spdlog::logger> log,
         towl::FileLayer* layer, const Limits& limits, std::shared_ptr<LimitCounts> reached);
  Ingest(const Ingest&) = delete;
  Ingest& operator=(const Ingest&) = delete;
  ~Ingest();

  /// Takes a batch. After stop() it is answered with `closed`.
  void submit(Batch batch);

  /// True if there is room now. If not, `resume` is called once, on the writer's thread, as soon as there is.
  bool has_room_or(std::function<void()> resume);

  /// Calls `done`, on the writer's thread, once all that is written now is durable or that has failed.
  void make_durable(std::function<void()> done);

  /// Work on the store itself. What it returns is called once state() shows what it did.
  using Task = std::function<std::function<void()>(towl::StoreWriter&)>;

  /// Runs `task` on the writer's thread, between groups. False after stop(): it is not run.
  bool run(Task task);

  /// The same for a task that begins, closes and removes no file: readers need not look at the folder again.
  bool ask(Task task);

  /// Stores what is queued, syncs, and lets go of the store. The open file stays open for the next start.
  /// Errors: those of StoreWriter::close.
  towl::Result<void> stop();

  /// What a holder, for example an output that forwards the entries, still needs of the store.
  struct Hold {
    towl::FileId keep_from = 0;       ///< Retention leaves this file and all after it.
    std::uint64_t waiting_bytes = 0;  ///< Of these, not forwarded yet.
  };

  /// Replaces `holder`'s hold; nullopt: it needs nothing any more. While what waits is more than the retention policy
  /// lets the store have, there is no room: inputs wait.
  void hold(const std::string& holder, std::optional<Hold> hold);

  /// `exists` says whether a token of that name exists: producers and stores of one that does not are free to be taken.
  /// Called on the writer's thread. Before anything is submitted.
  void set_owner_check(std::function<bool(const std::string&)> exists) {
    committer_.set_owner_check(std::move(exists));
  }

  bool has_owner(const std::string& owner) const { return committer_.has_owner(owner); }

  /// The stores whose entries come in here.
  Upstreams& upstreams() { return upstreams_; }
  /// And who has a place among them.
  PushingStores& pushing_stores() { return pushing_stores_; }

  /// Counts entries that an input received and did not submit.
  void count_unstored(std::uint64_t rejected, std::uint64_t dropped);

  /// Keeps what an input rejected: `towlctl cat --rejected`. What comes faster than it can be written is not kept.
  void reject(DeadLetter letter);

  /// How far each source was read, with all that was submitted before this call. Waits for the writer's thread: not to
  /// be called there. After stop(): none.
  std::vector<towl::SourcePosition> positions();

  towl::StoreStatePublisher& state() { return state_; }
  const IngestCounters& counters() const { return counters_; }
  std::size_t queued_bytes() const;
  /// Above this, inputs stop reading.
  std::size_t max_queued_bytes() const { return max_queued_bytes_; }
  towl::Store reader() const { return reader_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct QueuedTask {
    Task task;
    bool changes_files = false;
  };
  struct Work {
    std::vector<Batch> batches;
    std::vector<QueuedTask> tasks;
    std::vector<std::function<void()>> durable;
    bool last = false;
  };

  void write();
  Work wait_for_work(Clock::time_point until);
  void commit(Work& work);
  bool queue_task(QueuedTask task);
  void run_tasks(std::span<const QueuedTask> tasks);
  void release(std::size_t bytes);
  bool has_room() const { return !full_ && queued_bytes_ < max_queued_bytes_; }
  void tick();
  void tell_clock_gap();
  Clock::duration sync_interval() const;

  const std::size_t max_queued_bytes_;
  const std::shared_ptr<LimitCounts> reached_;
  IngestCounters counters_;
  towl::StoreStatePublisher state_;
  std::shared_ptr<spdlog::logger> log_;
  Committer committer_;  // of the writer's thread
  Upstreams upstreams_;
  PushingStores pushing_stores_{Seconds(towl::now() / 1'000'000'000)};
  towl::Store reader_;
  DeadLetters dead_letters_;  // of the writer's thread
  std::atomic<std::size_t> rejected_in_flight_ = 0;
  const towl::RetentionPolicy retain_;
  Clock::time_point last_sync_ = {};
  Clock::time_point last_tick_ = {};
  Clock::time_point last_retain_ = {};
  std::optional<Clock::time_point> told_clock_gap_ = {};

  mutable std::mutex mutex_;
  std::condition_variable work_;
  std::deque<Batch> queue_;
  std::size_t queued_bytes_ = 0;
  std::vector<QueuedTask> tasks_;
  std::vector<std::function<void()>> durable_;
  std::vector<std::function<void()>> waiting_for_room_;
  std::map<std::string, Hold> holds_;
  std::optional<towl::FileId> keep_from_;
  bool full_ = false;  // what is held is as much as the store may have
  bool stopping_ = false;
  std::jthread thread_;
};

}  // namespace towld

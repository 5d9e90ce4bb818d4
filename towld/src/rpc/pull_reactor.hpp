// PullReactor is one Pull stream. Disk reads happen on a small pool of threads that all pulls share; while a message is
// on its way, the next chunk is read. A client that takes nothing costs two chunks and no thread, and is cut off after
// `limits.pull_stall_time`, or much sooner if others wait for the memory that it holds: see
// PullBudget.
//
// Threads: gRPC's, the pool's, and the writer's (store_changed); a mutex orders them, and the feed is stepped by
//          one thread at a time.
//          It owns itself until gRPC is done with it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <utility>
// Boost.Asio after <utility>: see its ticket on g++ 12.
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "ingest/ingest.hpp"
#include "rpc/active_calls.hpp"
#include "rpc/pull_budget.hpp"
#include "rpc/pull_message.hpp"
#include "towl/mirror/store_feed.hpp"

namespace towld {

struct PullCounters {
  std::atomic<std::uint64_t> begun = 0;
  std::atomic<std::uint32_t> active = 0;
  std::atomic<std::uint32_t> followers = 0;
  std::atomic<std::uint64_t> bytes = 0;
};

/// What all pulls share. Outlives them.
struct PullShared {
  Ingest& ingest;
  const towl::Catalog& catalog;
  PullBudget& budget;
  PullCounters& counters;
  ActiveCalls& calls;      // those that end
  ActiveCalls& followers;  // those that follow
  boost::asio::thread_pool& pool;
  std::chrono::milliseconds stall_time;
  std::shared_ptr<LimitCounts> reached;
};

class PullReactor final : public grpc::ServerWriteReactor<grpc::ByteBuffer>,
                          public ActiveCall,
                          public towl::StoreListener,
                          public ChunkHolder,
                          public std::enable_shared_from_this<PullReactor> {
 public:
  /// The context lives until OnDone.
  static PullReactor* start(grpc::CallbackServerContext& context, const grpc::ByteBuffer& request,
                            const PullShared& shared, const std::shared_ptr<const Grant>& grant);

  /// Sends what `grant` shows.
  PullReactor(grpc::CallbackServerContext& context, const towl::FeedStart& start, const PullShared& shared,
              const std::shared_ptr<const Grant>& grant);
  ~PullReactor() override;

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void stop() override;
  void check_progress() override;
  void store_changed() override;
  void revoke() override;
  void end_stuck() override;

 private:
  struct Message {
    grpc::ByteBuffer bytes;  // a PullResponse
    std::size_t chunk_bytes = 0;
    PullKind kind = PullKind::unknown;  // when they were taken from the budget
  };

  void begin();
  void step();
  void take(towl::FeedStep step);

  // With mutex_ held.
  void go_on();
  void has_room();
  void push(Message message);
  void end(grpc::Status status);
  void drop_queue();
  void end_for_taking_nothing();
  void pass_turn_on();
  bool has_read() const;
  std::chrono::milliseconds patience() const;

  grpc::CallbackServerContext& context_;
  const std::string peer_;  // by peer_group()
  const bool follow_;
  const PullShared shared_;
  std::shared_ptr<PullReactor> self_;
  const towl::Catalog catalog_;
  towl::StoreFeed feed_;  // of the thread that steps

  std::mutex mutex_;
  const std::shared_ptr<SpareMemory> spare_ = std::make_shared<SpareMemory>();
  std::deque<Message> queue_;  // the first one is being written if writing_
  bool ready_ = false;         // what the client may read is durable
  bool stepping_ = false;
  bool starved_ = false;  // for room in the budget
  PullKind kind_ = PullKind::unknown;
  std::size_t taken_bytes_ = 0;
  PullTurn turn_;
  bool waiting_ = false;        // for the store to change
  bool missed_change_ = false;  // the store changed while a step was under way
  bool writing_ = false;
  bool finished_ = false;
  std::chrono::steady_clock::time_point write_begun_;
  std::optional<PullBudget::Writes::iterator> write_;  // while one with a chunk is under way
  std::optional<grpc::Status> status_;                 // set: this is the end, after what is queued
};

}  // namespace towld

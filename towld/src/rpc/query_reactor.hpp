// QueryReactor is one Query call. It searches on the threads that all questions share; what it finds is on its way at once
// while the search goes on, and the search waits while the client takes nothing.
//
// Memory:  kQueryAheadBytes and one entry twice: what is on its way, and what comes next. Of a table all of it, and what
//          QueryLimits::memory allows while it is made.
// Threads: gRPC's, the query pool's, and the writer's (store_changed); a mutex orders them. The search is one thread's at
//          a time.
//          It owns itself until gRPC is done with it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <utility>
// Boost.Asio after <utility>: see its ticket on g++ 12.
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "ingest/ingest.hpp"
#include "queries/store_tail.hpp"
#include "rpc/active_calls.hpp"
#include "rpc/query_message.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

/// What all of them share. Outlives them.
struct QueryShared {
  Ingest& ingest;
  const towl::Catalog& catalog;
  const QueryLimits& limits;
  ActiveCalls& calls;      ///< Those that end by themselves,
  ActiveCalls& following;  ///< and those that do not.
  boost::asio::thread_pool& pool;
  std::chrono::milliseconds stall_time;  ///< A client that takes nothing for so long is cut off.
  std::shared_ptr<LimitCounts> reached;
};

class QueryReactor final : public grpc::ServerWriteReactor<towl::v1::QueryResponse>,
                           public ActiveCall,
                           public towl::StoreListener,
                           public std::enable_shared_from_this<QueryReactor> {
 public:
  /// The context lives until OnDone.
  static QueryReactor* start(grpc::CallbackServerContext& context, const towl::v1::QueryRequest& request,
                             const QueryShared& shared, const std::shared_ptr<const Grant>& grant);

  /// Looks at what `grant` shows.
  QueryReactor(grpc::CallbackServerContext& context, const QueryShared& shared,
               const std::shared_ptr<const Grant>& grant);

  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void stop() override;
  void check_progress() override;
  void store_changed() override;
  void revoke() override;

 private:
  class Entries;

  void begin(QueryQuestion question);
  void work();
  std::optional<grpc::Status> search();
  std::optional<grpc::Status> follow();
  std::optional<grpc::Status> make_table();
  bool add(const towl::FoundEntry& entry, bool is_match, const QueryCursor& behind);
  void add_unread(towl::FileId file, const towl::Error& error);
  void end_with(towl::v1::QueryEndReason reason, const std::string& cursor);
  grpc::Status too_long() const;

  // With mutex_ held.
  void go_on();
  void write();
  void end(grpc::Status status);
  void break_off(grpc::Status status);

  grpc::CallbackServerContext& context_;
  const QueryShared shared_;
  const towl::Catalog catalog_;
  std::shared_ptr<QueryReactor> self_;
  std::stop_source stop_;

  // Of the thread that works.
  QueryQuestion question_;
  std::unique_ptr<Entries> entries_;
  std::optional<StoreTail> tail_;
  towl::RecordView record_;
  std::optional<QueryCursor> last_;  // the last entry that was found
  std::uint64_t found_ = 0;

  std::mutex mutex_;
  towl::v1::QueryResponse sending_;  // gRPC reads it while writing_
  towl::v1::QueryResponse pending_;
  std::size_t pending_bytes_ = 0;
  std::deque<std::string> rows_;
  bool ready_ = false;
  bool working_ = false;
  bool writing_ = false;
  bool waiting_ = false;        // for the store to change
  bool missed_change_ = false;  // it changed while a round was under way
  bool finished_ = false;
  std::chrono::steady_clock::time_point write_begun_;
  std::optional<grpc::Status> status_;  // set: this is the end, after what is pending
};

}  // namespace towld

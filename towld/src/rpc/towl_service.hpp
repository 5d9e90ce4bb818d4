// TowlService answers the calls of towl.v1.Towl on gRPC's callback API: a stream costs memory, never a thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
// Boost.Asio after <utility>: g++ 12 needs it for coroutines.
#include <boost/asio/thread_pool.hpp>

#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "log/spdlog.hpp"
#include "queries/query_limits.hpp"
#include "rpc/active_calls.hpp"
#include "rpc/admit.hpp"
#include "rpc/part_facts.hpp"
#include "rpc/pull_budget.hpp"
#include "rpc/pull_reactor.hpp"
#include "towl/mirror/catalog.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towld {

/// Messages of streams are taken as bytes: chunks are not copied through protobuf, and what comes in is looked at before
/// it is parsed.
template <class Base>
using TowlStreams = towl::v1::Towl::WithRawCallbackMethod_Append<
    towl::v1::Towl::WithRawCallbackMethod_Push<towl::v1::Towl::WithRawCallbackMethod_Pull<Base>>>;
template <class Base>
using TowlCalls = towl::v1::Towl::WithCallbackMethod_ListFiles<
    towl::v1::Towl::WithCallbackMethod_Query<towl::v1::Towl::WithCallbackMethod_Retain<
        towl::v1::Towl::WithCallbackMethod_GetConfig<towl::v1::Towl::WithCallbackMethod_Stats<Base>>>>>;
using TowlServiceBase = TowlStreams<TowlCalls<towl::v1::Towl::Service>>;

class TowlService final : public TowlServiceBase {
 public:
  /// Borrows `ingest`. `pool` reads the disk, `query_pool` answers queries. Without `access` everybody may do everything.
  TowlService(const Config& config, Ingest& ingest, boost::asio::thread_pool& pool,
              boost::asio::thread_pool& query_pool, std::shared_ptr<Access> access = nullptr,
              std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>());

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Append(grpc::CallbackServerContext* context) override;
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Push(grpc::CallbackServerContext* context) override;
  grpc::ServerUnaryReactor* ListFiles(grpc::CallbackServerContext* context, const towl::v1::ListFilesRequest* request,
                                      towl::v1::ListFilesResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* Pull(grpc::CallbackServerContext* context,
                                                   const grpc::ByteBuffer* request) override;
  grpc::ServerWriteReactor<towl::v1::QueryResponse>* Query(grpc::CallbackServerContext* context,
                                                           const towl::v1::QueryRequest* request) override;
  grpc::ServerUnaryReactor* Retain(grpc::CallbackServerContext* context, const towl::v1::RetainRequest* request,
                                   towl::v1::RetainResponse* response) override;
  grpc::ServerUnaryReactor* GetConfig(grpc::CallbackServerContext* context, const towl::v1::GetConfigRequest* request,
                                      towl::v1::GetConfigResponse* response) override;
  grpc::ServerUnaryReactor* Stats(grpc::CallbackServerContext* context, const towl::v1::StatsRequest* request,
                                  towl::v1::StatsResponse* response) override;

  /// What Stats tells of inputs and outputs; called from any thread until forget_parts().
  using AskParts = std::function<PartFacts(bool describe)>;
  void set_parts(AskParts ask);
  void forget_parts() { set_parts({}); }

  const PullCounters& pull_counters() const { return pull_counters_; }

  /// Ends all streams, with everything answered that was taken, and refuses new ones.
  void stop();

  /// Streams that run now.
  std::size_t active_calls() const;

  /// Waits until no stream runs, at most for `patience`.
  void wait_until_idle(std::chrono::milliseconds patience) const;

  /// To be called every few seconds: ends pulls whose clients take nothing.
  void check_progress();

  /// To be called every kPullLookForStuckEvery: if pulls wait for memory, ends those that hold too much of it for too
  /// long.
  void end_stuck_pulls();

  /// To be called once Access has found that tokens were revoked: ends the streams that were begun with them.
  void end_revoked();

 private:
  Admitted admit(grpc::CallbackServerContext& context, Need need) const;
  grpc::Status list_files(const towl::Catalog& catalog, const towl::v1::ListFilesRequest& request,
                          towl::v1::ListFilesResponse& response) const;
  grpc::Status stats(bool describe, towl::v1::StatsResponse& response) const;

  const Config config_;
  const std::shared_ptr<Access> access_;
  const std::shared_ptr<LimitCounts> reached_;
  mutable std::mutex parts_mutex_;
  AskParts ask_parts_;
  const towl::Timestamp started_;
  Ingest& ingest_;
  boost::asio::thread_pool& pool_;
  boost::asio::thread_pool& query_pool_;
  const QueryLimits query_limits_;
  towl::Catalog catalog_;
  PullBudget budget_;
  PullCounters pull_counters_;
  ActiveCalls appends_;
  ActiveCalls pulls_;
  ActiveCalls followers_;
  ActiveCalls pushes_;
  ActiveCalls queries_;
  ActiveCalls following_;
  const std::shared_ptr<InputCounters> push_counters_ = std::make_shared<InputCounters>();
};

}  // namespace towld

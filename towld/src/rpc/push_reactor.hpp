// PushReactor is one Push stream: an agent's frames become batches of the writer, what is stored is acknowledged.
//
// Memory and threads: IntakeStream's.
#pragma once

#include <grpcpp/server_context.h>

#include <memory>
#include <optional>
#include <string>

#include <utility>
#include <vector>

#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "ingest/pushed_files.hpp"
#include "rpc/intake_stream.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

class PushReactor final : public IntakeStream<towl::v1::PushRequest, towl::v1::PushResponse> {
 public:
  /// Begins to serve a stream. All arguments must outlive it.
  static PushReactor* start(const grpc::CallbackServerContext& context, Ingest& ingest, Durability durability,
                            std::shared_ptr<InputCounters> counters, ActiveCalls& calls,
                            std::shared_ptr<const Grant> grant, const Limits& limits,
                            std::shared_ptr<LimitCounts> reached);

  PushReactor(Ingest& ingest, Durability durability, std::shared_ptr<InputCounters> counters, const Limits& limits,
              std::shared_ptr<LimitCounts> reached)
      : IntakeStream(ingest),
        durability_(durability),
        counters_(std::move(counters)),
        limits_(limits),
        reached_(std::move(reached)) {}

 private:
  grpc::Status take(std::vector<Batch>& batches) override;
  towl::v1::PushRequest* next_request() override { return &request_; }
  const towl::v1::PushResponse* next_response() override;
  void written(bool) override {}
  bool wants_more() const override { return !asking_; }
  bool may_finish() const override;

  grpc::Status take_start(const towl::v1::PushStart& start);
  void ask_position(const std::string& source);
  void knows_position(const std::string& source, std::string position, bool has_room);
  void forget(const towl::SourcePosition& store);
  std::string owner() const;
  void answer(const PushPosition& reached, std::size_t bytes, const towl::Result<Acknowledgement>& result);
  std::shared_ptr<PushReactor> self() { return std::static_pointer_cast<PushReactor>(shared_from_this()); }

  const Durability durability_;
  const std::shared_ptr<InputCounters> counters_;
  const Limits& limits_;
  const std::shared_ptr<LimitCounts> reached_;
  towl::v1::PushRequest request_;     // being read
  towl::v1::PushResponse response_;   // being written
  std::optional<PushedFiles> files_;  // once the agent has said who it is
  std::optional<PushPosition> resume_;
  std::optional<PushPosition> stored_;   // not told yet
  std::string source_;                   // of the store's position
  bool asking_ = false;                  // for the position
  std::shared_ptr<const void> present_;  // the store is there
};

}  // namespace towld

// PushReactor is one Push stream: an agent's frames become batches of the writer, what is stored is acknowledged.
//
// Memory:  the next message is read only while little of this stream waits to be stored, and the queue has room.
// Threads: gRPC's and the writer's; a mutex orders them. It owns itself until gRPC is done with it.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "ingest/pushed_files.hpp"
#include "rpc/active_calls.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

class PushReactor final : public grpc::ServerBidiReactor<towl::v1::PushRequest, towl::v1::PushResponse>,
                          public ActiveCall,
                          public std::enable_shared_from_this<PushReactor> {
 public:
  /// Begins to serve a stream. All arguments must outlive it.
  static PushReactor* start(Ingest& ingest, Durability durability, std::shared_ptr<InputCounters> counters,
                            ActiveCalls& calls);

  PushReactor(Ingest& ingest, Durability durability, std::shared_ptr<InputCounters> counters)
      : ingest_(ingest), durability_(durability), counters_(std::move(counters)) {}

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void stop() override;
  void check_progress() override {}

 private:
  using Pieces = std::vector<PushedFiles::Piece>;

  void ask_position(const std::string& source);
  void answered(const PushPosition& reached, std::size_t bytes, const towl::Result<Acknowledgement>& result);
  void resume();

  // With mutex_ held.
  grpc::Status take_start(const towl::v1::PushStart& start, std::string& source);
  grpc::Status take(const towl::v1::PushRequest& request, Pieces& pieces);
  void end(grpc::Status status);
  void go_on();

  Ingest& ingest_;
  const Durability durability_;
  const std::shared_ptr<InputCounters> counters_;
  const std::shared_ptr<BatchStream> stream_ = std::make_shared<BatchStream>();
  std::shared_ptr<PushReactor> self_;

  std::mutex mutex_;
  towl::v1::PushRequest request_;     // being read
  towl::v1::PushResponse response_;   // being written
  std::optional<PushedFiles> files_;  // once the agent has said who it is
  std::optional<PushPosition> resume_;
  std::optional<PushPosition> stored_;  // not told yet
  std::size_t waiting_batches_ = 0;
  std::size_t waiting_bytes_ = 0;
  bool asking_ = false;  // for the position
  bool reading_ = false;
  bool writing_ = false;
  bool waiting_for_room_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> status_;  // set: nothing more is read, and this is the end
};

}  // namespace towld

// AppendReactor is one Append stream: requests become batches of the writer, answers become responses, in order.
//
// Memory: the next request is read only while little of this stream waits to be stored (kMaxStreamBytes), the queue of
//         all streams has room, and the client takes its acknowledgements.
// Threads: gRPC's and the writer's; a mutex orders them. It owns itself until gRPC is done with it.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "rpc/active_calls.hpp"
#include "towl/record/record_view.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

class AppendReactor final : public grpc::ServerBidiReactor<towl::v1::AppendRequest, towl::v1::AppendResponse>,
                            public ActiveCall,
                            public std::enable_shared_from_this<AppendReactor> {
 public:
  /// Begins to serve a stream. All arguments must outlive it.
  static AppendReactor* start(const grpc::CallbackServerContext& context, Ingest& ingest, Durability standard,
                              ActiveCalls& calls);

  explicit AppendReactor(std::string peer, Ingest& ingest, Durability standard);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

  void stop() override;
  void check_progress() override {}

 private:
  using Request = towl::v1::AppendRequest;
  using Response = towl::v1::AppendResponse;

  grpc::Status check(const Request& request) const;
  Batch make_batch(std::shared_ptr<Request> request);
  /// What the entry says of it; read by one call at a time.
  std::optional<towl::Timestamp> event_time(const towl::v1::Entry& entry);
  void answer(std::uint64_t sequence, std::size_t bytes, const towl::Result<Acknowledgement>& result);
  void resume();

  // With mutex_ held.
  void end(grpc::Status status);
  void go_on();
  bool may_read() const;

  const std::string peer_;
  Ingest& ingest_;
  towl::RecordView record_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
  const Durability standard_;
  const std::shared_ptr<BatchStream> stream_ = std::make_shared<BatchStream>();
  std::shared_ptr<AppendReactor> self_;

  std::mutex mutex_;
  std::shared_ptr<Request> request_;  // being read
  std::deque<Response> responses_;    // the first one is being written
  std::size_t waiting_batches_ = 0;   // with the writer
  std::size_t waiting_bytes_ = 0;
  bool reading_ = false;  // until what was read is with the writer
  bool writing_ = false;
  bool waiting_for_room_ = false;
  bool cancelled_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> status_;  // set: nothing more is read, and this is the end
};

}  // namespace towld

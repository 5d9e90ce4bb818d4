// AppendReactor is one Append stream: requests become batches of the writer, answers become responses, in order.
//
// Memory and threads: IntakeStream's; also, the client must take its acknowledgements.
// Rejected:           what must not be sent again is kept: `towlctl cat --rejected`.
#pragma once

#include <grpcpp/server_context.h>

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/config.hpp"
#include "ingest/ingest.hpp"
#include "rpc/intake_stream.hpp"
#include "towl/record/record_view.hpp"
#include "towl/v1/towl.pb.h"

namespace towld {

class AppendReactor final : public IntakeStream<towl::v1::AppendRequest, towl::v1::AppendResponse> {
 public:
  /// Begins to serve a stream. All arguments must outlive it.
  static AppendReactor* start(const grpc::CallbackServerContext& context, Ingest& ingest, Durability standard,
                              ActiveCalls& calls, std::shared_ptr<const Grant> grant, std::uint64_t max_entries,
                              std::shared_ptr<LimitCounts> reached);

  AppendReactor(std::string peer, Ingest& ingest, Durability standard, std::uint64_t max_entries,
                std::shared_ptr<LimitCounts> reached)
      : IntakeStream(ingest),
        peer_(std::move(peer)),
        standard_(standard),
        max_entries_(max_entries),
        reached_(std::move(reached)) {}

 private:
  using Request = towl::v1::AppendRequest;
  using Response = towl::v1::AppendResponse;

  grpc::Status take(std::vector<Batch>& batches) override;
  Request* next_request() override;
  const Response* next_response() override { return responses_.empty() ? nullptr : &responses_.front(); }
  void written(bool ok) override;
  void cancelled() override;
  bool wants_more() const override;
  bool may_finish() const override { return responses_.empty(); }

  grpc::Status check(const Request& request) const;
  Batch make_batch(std::shared_ptr<Request> request);
  /// What the entry says of it; read by one call at a time.
  std::optional<towl::Timestamp> event_time(const towl::v1::Entry& entry);
  void answer(const Request& request, std::size_t bytes, const towl::Result<Acknowledgement>& result);
  void keep_rejected(const Request& request, const std::string& reason);

  const std::string peer_;
  towl::RecordView record_;
  const towl::TimeZone zone_ = towl::TimeZone::local();
  const Durability standard_;
  const std::uint64_t max_entries_;
  const std::shared_ptr<LimitCounts> reached_;
  std::shared_ptr<Request> request_;  // being read
  std::deque<Response> responses_;    // the first one is being written
  bool cancelled_ = false;
};

}  // namespace towld

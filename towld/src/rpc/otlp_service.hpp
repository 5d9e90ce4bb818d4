// OtlpService takes OpenTelemetry's logs by gRPC: opentelemetry.proto.collector.logs.v1.LogsService/Export
// (https://opentelemetry.io/docs/specs/otlp/#otlpgrpc).
//
// What a request says, and what becomes of it, is the same as over HTTP: the message is handed on as it came, and what
// takes it answers with the message of the response. So no generated code is needed: this is the service of all methods
// that no other has.
//
// Statuses:     INVALID_ARGUMENT for what must not be sent again, UNAVAILABLE for what should.
// Backpressure: a request is read only while the queue has room, and while little of all requests waits.
// Threads:      gRPC's, the taker's and the writer's.
#pragma once

#include <grpcpp/generic/async_generic_service.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "access/access.hpp"
#include "ingest/ingest.hpp"
#include "rpc/active_calls.hpp"

namespace towld {

/// What became of a request.
struct ExportAnswer {
  enum class Outcome {
    stored,     ///< `text`: an ExportLogsServiceResponse.
    refused,    ///< `text`: why. Not to be sent again.
    busy,       ///< The same; to be sent again.
    not_taken,  ///< Nobody takes it.
  };
  Outcome outcome = Outcome::busy;
  std::string text = {};
};

/// An ExportLogsServiceRequest and whose it is.
struct ExportRequest {
  std::string message;
  std::string peer;
  std::shared_ptr<const Grant> grant;
};

/// Answers once, on any thread; or never, if it is stopping.
using TakeExport = std::function<void(ExportRequest request, std::function<void(ExportAnswer)> answer)>;

class OtlpService final : public grpc::CallbackGenericService {
 public:
  /// Borrows `ingest`. Without `access` everybody may send.
  OtlpService(Ingest& ingest, std::shared_ptr<Access> access, const Limits& limits = {},
              std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>());

  /// Who takes requests; before the server starts they are refused.
  void set_taker(TakeExport take);

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

  /// Ends all calls, and refuses new ones.
  void stop() { calls_.stop(); }
  bool is_idle() const { return calls_.count() == 0; }
  void end_revoked() { calls_.end_revoked(); }

 private:
  friend class OtlpCall;

  TakeExport taker() const;

  Ingest& ingest_;
  const std::shared_ptr<Access> access_;
  const std::size_t unpacked_bytes_;
  const std::shared_ptr<LimitCounts> reached_;
  mutable std::mutex mutex_;
  TakeExport take_;
  ActiveCalls calls_;
  const std::shared_ptr<std::atomic<std::size_t>> waiting_bytes_ = std::make_shared<std::atomic<std::size_t>>(0);
};

}  // namespace towld

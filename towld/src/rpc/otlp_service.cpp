#include "rpc/otlp_service.hpp"

#include <grpcpp/support/byte_buffer.h>

#include <optional>
#include <utility>

#include "limits/limits.hpp"
#include "parse/gunzip.hpp"
#include "rpc/admit.hpp"
#include "rpc/messages.hpp"
#include "rpc/peer.hpp"

namespace towld {
namespace {

constexpr const char* kExport = "/opentelemetry.proto.collector.logs.v1.LogsService/Export";

grpc::Status status_of(const ExportAnswer& answer) {
  switch (answer.outcome) {
    case ExportAnswer::Outcome::stored:
      return grpc::Status::OK;
    case ExportAnswer::Outcome::refused:
      return {grpc::StatusCode::INVALID_ARGUMENT, answer.text};
    case ExportAnswer::Outcome::busy:
      return {grpc::StatusCode::UNAVAILABLE, answer.text};
    case ExportAnswer::Outcome::not_taken:
      return {grpc::StatusCode::UNIMPLEMENTED, answer.text};
  }
  return grpc::Status::OK;
}

}  // namespace

/// One Export: a message in, a message out. Owns itself until gRPC is done with it.
class OtlpCall final : public grpc::ServerGenericBidiReactor,
                       public ActiveCall,
                       public std::enable_shared_from_this<OtlpCall> {
 public:
  OtlpCall(OtlpService& service, std::string peer)
      : service_(service), waiting_bytes_(service.waiting_bytes_), peer_(std::move(peer)) {}
  ~OtlpCall() override { *waiting_bytes_ -= bytes_; }

  void begin(std::shared_ptr<const Grant> grant) {
    std::lock_guard lock(mutex_);
    self_ = shared_from_this();
    grant_ = std::move(grant);
    if (!service_.calls_.add(self_, grant_, peer_)) {
      return end(service_.calls_.stopping()
                     ? stopping_status()
                     : grpc::Status(grpc::StatusCode::UNAVAILABLE, "too many requests at a time: send again"));
    }
    if (*waiting_bytes_ >= kMaxExportedBytes) {
      return end({grpc::StatusCode::UNAVAILABLE, "the collector is busy: send again"});
    }
    if (service_.ingest_.has_room_or([self = shared_from_this()] { self->read(); })) StartRead(&request_);
  }

  void OnReadDone(bool ok) override {
    std::string message;
    const auto good = ok ? unpack(message) : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT, "there is no request");
    request_.Clear();
    {
      std::lock_guard lock(mutex_);
      if (is_ended_) return;
      if (!good.ok()) return end(good);
    }
    const TakeExport take = service_.taker();
    const auto answer = [self = shared_from_this()](const ExportAnswer& given) { self->answer(given); };
    if (!take) return answer({ExportAnswer::Outcome::not_taken, "OTLP is not taken here"});
    take({.message = std::move(message), .peer = peer_, .grant = grant_}, answer);
  }

  void OnCancel() override { end_with(grpc::Status::CANCELLED); }
  void OnDone() override { const auto self = std::move(self_); }

  void stop() override { end_with(stopping_status()); }
  void revoke() override { end_with(revoked_status()); }
  void check_progress() override {}

 private:
  // Room for it is taken before it is made: senders compress with gzip by default, and a bomb makes a thousand times
  // its size.
  grpc::Status unpack(std::string& message) {
    const bool is_packed = is_gzip(request_);
    const std::size_t room = is_packed ? service_.unpacked_bytes_ : request_.Length();
    bytes_ = room;
    if ((*waiting_bytes_ += room) > kMaxExportedBytes + room) {
      return {grpc::StatusCode::UNAVAILABLE, "the collector is busy: send again"};
    }
    auto bytes = to_text(request_);
    if (!bytes) return {grpc::StatusCode::INVALID_ARGUMENT, "there is no request"};
    if (is_packed) {
      auto unpacked = gunzip(*bytes, service_.unpacked_bytes_);
      if (!unpacked && unpacked.error().code == towl::ErrorCode::entry_too_large) {
        service_.reached_->add(Limit::unpacked_bytes);
        return {grpc::StatusCode::RESOURCE_EXHAUSTED, "a request that is " + unpacked.error().message};
      }
      if (!unpacked) return to_status(unpacked.error());
      bytes = std::move(*unpacked);
    }
    message = std::move(*bytes);
    *waiting_bytes_ -= room - message.size();
    bytes_ = message.size();
    return grpc::Status::OK;
  }

  // There is room again.
  void read() {
    std::lock_guard lock(mutex_);
    if (!is_ended_) StartRead(&request_);
  }

  void answer(const ExportAnswer& given) {
    if (given.outcome != ExportAnswer::Outcome::stored) return end_with(status_of(given));
    std::lock_guard lock(mutex_);
    if (std::exchange(is_ended_, true)) return;
    const grpc::Slice slice(given.text);
    response_ = grpc::ByteBuffer(&slice, 1);
    StartWriteAndFinish(&response_, grpc::WriteOptions(), grpc::Status::OK);
  }

  void end_with(const grpc::Status& status) {
    std::lock_guard lock(mutex_);
    end(status);
  }

  void end(const grpc::Status& status) {
    if (!std::exchange(is_ended_, true)) Finish(status);
  }

  OtlpService& service_;
  const std::shared_ptr<std::atomic<std::size_t>> waiting_bytes_;  // of all calls
  const std::string peer_;
  std::mutex mutex_;
  std::shared_ptr<OtlpCall> self_;
  std::shared_ptr<const Grant> grant_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer response_;
  std::size_t bytes_ = 0;
  bool is_ended_ = false;
};

OtlpService::OtlpService(Ingest& ingest, std::shared_ptr<Access> access, const Limits& limits,
                         std::shared_ptr<LimitCounts> reached)
    : ingest_(ingest),
      access_(std::move(access)),
      unpacked_bytes_(limits[Limit::unpacked_bytes]),
      reached_(reached),
      calls_(limits, Limit::exports, std::move(reached)) {}

void OtlpService::set_taker(TakeExport take) {
  std::lock_guard lock(mutex_);
  take_ = std::move(take);
}

TakeExport OtlpService::taker() const {
  std::lock_guard lock(mutex_);
  return take_;
}

grpc::ServerGenericBidiReactor* OtlpService::CreateReactor(grpc::GenericCallbackServerContext* context) {
  using Refused = RefusedStream<grpc::ServerGenericBidiReactor>;
  if (context->method() != kExport) return Refused::start({grpc::StatusCode::UNIMPLEMENTED, "no such method"});
  Admitted admitted = access_ ? admit(*access_, *context, Need::ingest) : Admitted{};
  if (!admitted.status.ok()) return Refused::start(std::move(admitted.status));
  const auto call = std::make_shared<OtlpCall>(*this, peer_host(context->peer()));
  call->begin(std::move(admitted.grant));
  return call.get();
}

}  // namespace towld

// IntakeStream is what the streams that bring entries, Append and Push, have in common: messages become batches of
// the writer, what is stored is answered, and it ends in order.
//
// Memory:  the next message is read only while little of this stream waits to be stored (kMaxStreamBytes), the queue of
//          all streams has room, and the client takes its answers (wants_more).
// Bytes:   a message is parsed here, so that one that gRPC's compression has packed is refused: gRPC 1.51 would unpack it
//          without a bound, and is told not to (server.cpp).
// Order:   nobody begins the next read before the batches of the last one are with the writer.
// End:     the first failure is what the client is told, once nothing of the stream is with the writer any more.
// Threads: gRPC's and the writer's; a mutex orders them. It owns itself until gRPC is done with it.
#pragma once

#include <grpcpp/impl/codegen/proto_utils.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <memory>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ingest/ingest.hpp"
#include "limits/limits.hpp"
#include "rpc/active_calls.hpp"
#include "rpc/messages.hpp"

namespace towld {

template <class Request, class Response>
class IntakeStream : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>,
                     public ActiveCall,
                     public std::enable_shared_from_this<IntakeStream<Request, Response>> {
 public:
  /// Begins to serve the client that `grant` lets; `what`: what the client is told that there are too many of.
  void begin(ActiveCalls& calls, const std::string& what, std::shared_ptr<const Grant> grant, const std::string& peer) {
    std::lock_guard lock(mutex_);
    self_ = this->shared_from_this();
    grant_ = std::move(grant);
    if (calls.add(self_, grant_, peer)) {
      go_on();
    } else if (calls.stopping()) {
      end(stopping_status());
    } else {
      end({grpc::StatusCode::RESOURCE_EXHAUSTED, "too many " + what + " streams: try again later"});
    }
  }

  void OnReadDone(bool ok) final {
    std::vector<Batch> batches;
    {
      std::lock_guard lock(mutex_);
      if (!ok || status_) {
        reading_ = false;
        return ok ? go_on() : end(grpc::Status::OK);
      }
    }
    // Not with the mutex held: the writer answers other batches of this stream at the same time.
    auto good = try_to_take(batches);
    {
      std::lock_guard lock(mutex_);
      if (!good.ok()) {
        reading_ = false;
        return end(std::move(good));
      }
      waiting_batches_ += batches.size();
      for (const Batch& batch : batches) waiting_bytes_ += batch.bytes;
    }
    // Nor here: if the collector is stopping, the answers come at once. reading_ stays set.
    for (Batch& batch : batches) {
      batch.stream = stream_;
      ingest_.submit(std::move(batch));
    }
    std::lock_guard lock(mutex_);
    reading_ = false;
    go_on();
  }

  void OnWriteDone(bool ok) final {
    std::lock_guard lock(mutex_);
    writing_ = false;
    written(ok);
    if (!ok) return end(grpc::Status::CANCELLED);
    go_on();
  }

  void OnCancel() final {
    std::lock_guard lock(mutex_);
    cancelled();
    end(grpc::Status::CANCELLED);
  }

  // May be the last one to hold it.
  void OnDone() final { const auto self = std::move(self_); }

  void stop() final {
    std::lock_guard lock(mutex_);
    end(stopping_status());
  }
  void check_progress() final {}
  void revoke() final {
    std::lock_guard lock(mutex_);
    end(revoked_status());
  }

 protected:
  explicit IntakeStream(Ingest& ingest) : ingest_(ingest) {}

  /// Makes batches of the message that was read; their `done` calls answered(). What is not OK ends the stream. Without
  /// the mutex, but while nothing is read.
  virtual grpc::Status take(std::vector<Batch>& batches) = 0;

  // All of these with the mutex held.

  /// Where the next message is to be parsed to.
  virtual Request* next_request() = 0;
  /// What is to be told now; nullptr: nothing. It stays as it is until written().
  virtual const Response* next_response() = 0;
  virtual void written(bool ok) = 0;
  /// The client is gone: what was to be told, and is not being written, is dropped.
  virtual void cancelled() {}
  /// The client takes its answers, and nothing else is to be done first.
  virtual bool wants_more() const = 0;
  /// Nothing is left to be told or done before the end.
  virtual bool may_finish() const = 0;

  /// A batch of so many bytes is with the writer no more.
  void answered(std::size_t bytes) {
    --waiting_batches_;
    waiting_bytes_ -= bytes;
  }

  bool writing() const { return writing_; }
  /// Why the stream ends, or that it does.
  const std::optional<grpc::Status>& status() const { return status_; }

  void end(grpc::Status status) {
    if (!status_ || (status_->ok() && !status.ok())) status_ = std::move(status);
    go_on();
  }

  void go_on() {
    if (finished_) return;
    if (!writing_) {
      if (const Response* response = next_response()) {
        writing_ = true;
        bool is_own = true;
        grpc::SerializationTraits<Response>::Serialize(*response, &sent_, &is_own);
        this->StartWrite(&sent_);
      }
    }
    if (!status_ && !reading_ && !waiting_for_room_ && waiting_bytes_ < kMaxStreamBytes && wants_more()) {
      if (ingest_.has_room_or([self = this->shared_from_this()] { self->resume(); })) {
        reading_ = true;
        request_to_ = next_request();
        this->StartRead(&received_);
      } else {
        waiting_for_room_ = true;
      }
    }
    if (status_ && waiting_batches_ == 0 && !writing_ && may_finish()) {
      finished_ = true;
      this->Finish(*status_);
    }
  }

  Ingest& ingest_;
  std::mutex mutex_;
  std::shared_ptr<const Grant> grant_;  // since begin()

 private:
  // If there is no memory for a message, its stream ends, not the collector.
  grpc::Status try_to_take(std::vector<Batch>& batches) {
    try {
      auto good = parse();
      return good.ok() ? take(batches) : good;
    } catch (const std::bad_alloc&) {
      batches.clear();
      return {grpc::StatusCode::RESOURCE_EXHAUSTED, "no memory for this message: try again later"};
    }
  }

  grpc::Status parse() {
    const bool is_packed = is_gzip(received_);
    // Takes the bytes.
    const auto parsed = grpc::SerializationTraits<Request>::Deserialize(&received_, request_to_);
    received_.Clear();
    if (is_packed) {
      return {grpc::StatusCode::UNIMPLEMENTED, "compressed messages are not taken here: send them as they are"};
    }
    return parsed.ok() ? grpc::Status::OK
                       : grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                                      "a message that is no " + std::string(Request::descriptor()->name()));
  }

  void resume() {
    std::lock_guard lock(mutex_);
    waiting_for_room_ = false;
    go_on();
  }

  const std::shared_ptr<BatchStream> stream_ = std::make_shared<BatchStream>();
  std::shared_ptr<IntakeStream> self_;
  grpc::ByteBuffer received_;
  grpc::ByteBuffer sent_;
  Request* request_to_ = nullptr;
  std::size_t waiting_batches_ = 0;  // with the writer
  std::size_t waiting_bytes_ = 0;
  bool reading_ = false;  // until what was read is with the writer
  bool writing_ = false;
  bool waiting_for_room_ = false;
  bool finished_ = false;
  std::optional<grpc::Status> status_;  // set: nothing more is read, and this is the end
};

}  // namespace towld

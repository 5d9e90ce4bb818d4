// ReadCall is one running call that the collector answers with a stream of messages: gRPC's threads receive while the
// caller works on what came before.
//
// Memory:  kReadAhead messages are received ahead; then the collector is held back.
// Threads: one caller of next() at a time.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "collector/pull_error.hpp"
#include "rpc/status.hpp"
#include "towl/v1/channel_security.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {

template <class Request, class Response>
class ReadCall : public grpc::ClientReadReactor<Response> {
 public:
  /// `begin` calls the method: `stub.async()->Pull(&context, &request, &reactor)`.
  using Begin = std::function<void(towl::v1::Towl::Stub& stub, grpc::ClientContext& context, const Request& request,
                                   grpc::ClientReadReactor<Response>& reactor)>;
  ReadCall(const std::shared_ptr<grpc::Channel>& channel, Request request, const std::string& token, const Begin& begin)
      : request_(std::move(request)), stub_(towl::v1::Towl::NewStub(channel)) {
    towl::rpc::add_token(token, context_);
    begin(*stub_, context_, request_, *this);
    this->AddHold();  // Reads are also started by next(), outside of gRPC's own calls.
    read_next();
    this->StartCall();
  }

  ~ReadCall() override {
    std::unique_lock lock(mutex_);
    closing_ = true;
    context_.TryCancel();
    if (!reading_) let_go();
    changed_.wait(lock, [this] { return done_; });
  }

  struct Read {
    const Response* message = nullptr;  ///< Valid until the next call; nullptr if nothing came in time.
    bool is_end = false;                ///< The stream is over, without an error.
  };

  /// Waits for the next message, `timeout` at most. Errors: what the collector said; stopped.
  PullResult<Read> next(const std::stop_token& stop, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (current_) free_.push_back(std::move(current_));
    if (!reading_ && held_ && ready_.size() < kReadAhead) read_next();
    changed_.wait_for(lock, stop, timeout, [this] { return !ready_.empty() || done_; });
    if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
    if (!ready_.empty()) {
      current_ = std::move(ready_.front());
      ready_.pop_front();
      return Read{.message = current_.get()};
    }
    if (!done_) return Read{};
    if (!status_.ok()) return tl::unexpected(pull_error(status_));
    return Read{.is_end = true};
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    if (!ok || closing_) {
      let_go();
      return;
    }
    ready_.push_back(std::move(incoming_));
    if (ready_.size() < kReadAhead) read_next();
    changed_.notify_all();
  }

  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    status_ = status;
    done_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr std::size_t kReadAhead = 2;
  using Message = std::unique_ptr<Response>;

  void read_next() {
    if (free_.empty()) free_.push_back(std::make_unique<Response>());
    incoming_ = std::move(free_.back());
    free_.pop_back();
    reading_ = true;
    this->StartRead(incoming_.get());
  }

  // No read will be started any more: gRPC may end the call.
  void let_go() {
    if (std::exchange(held_, false)) this->RemoveHold();
  }

  const Request request_;
  const std::unique_ptr<towl::v1::Towl::Stub> stub_;
  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Message> ready_;
  std::vector<Message> free_;
  Message incoming_;  // gRPC writes it while reading_
  Message current_;   // the caller reads it
  bool reading_ = false;
  bool held_ = true;
  bool closing_ = false;
  bool done_ = false;
  grpc::Status status_;
};

}  // namespace towlctl

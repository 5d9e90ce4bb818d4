#include "rpc/pull_stream.hpp"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>
#include <vector>

#include "rpc/status.hpp"
#include "rpc/wire.hpp"
#include "towl/v1/channel_security.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {
namespace {

using Message = std::unique_ptr<towl::v1::PullResponse>;

constexpr std::size_t kReadAhead = 2;

towl::v1::PullRequest to_request(const towl::FeedStart& start) {
  towl::v1::PullRequest request;
  request.set_file_id(start.file_id);
  request.set_count(start.count);
  request.set_follow(start.follow);
  request.set_store(start.store);
  if (start.proof) {
    request.mutable_proof()->set_size(start.proof->size);
    request.mutable_proof()->set_opened(start.proof->opened);
    request.mutable_proof()->set_tail_crc32c(start.proof->tail_crc32c);
    request.mutable_proof()->set_digest(start.proof->digest);
    request.mutable_proof()->set_chain(start.proof->chain);
  }
  return request;
}

PullResult<PullEvent> to_event(const towl::v1::PullResponse& message) {
  const auto with_file = [](PullEvent::Kind kind, const towl::v1::FileInfo& info) -> PullResult<PullEvent> {
    auto file = to_remote_file(info);
    if (!file) return tl::unexpected(file.error());
    return PullEvent{.kind = kind, .file = std::move(*file)};
  };
  switch (message.event_case()) {
    case towl::v1::PullResponse::kFile:
      return with_file(PullEvent::Kind::file, message.file());
    case towl::v1::PullResponse::kReached:
      return with_file(PullEvent::Kind::reached, message.reached());
    case towl::v1::PullResponse::kChunk: {
      const towl::v1::Chunk& chunk = message.chunk();
      const towl::ChunkView view = {{chunk.first(), chunk.offset()}, chunk.count(), chunk.data()};
      return PullEvent{.kind = PullEvent::Kind::chunk, .chunk = view};
    }
    default:
      return pull_fail(PullFailure::bad_data, "the collector sent an event that is unknown to this towlctl");
  }
}

}  // namespace

class RpcPullStream::Call : public grpc::ClientReadReactor<towl::v1::PullResponse> {
 public:
  Call(const std::shared_ptr<grpc::Channel>& channel, const towl::FeedStart& start, const std::string& token)
      : request_(to_request(start)), stub_(towl::v1::Towl::NewStub(channel)) {
    towl::rpc::add_token(token, context_);
    stub_->async()->Pull(&context_, &request_, this);
    AddHold();  // Reads are also started by next(), outside of gRPC's own calls.
    read_next();
    StartCall();
  }

  ~Call() override {
    std::unique_lock lock(mutex_);
    closing_ = true;
    context_.TryCancel();
    if (!reading_) let_go();
    changed_.wait(lock, [this] { return done_; });
  }

  PullResult<PullEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    if (current_) free_.push_back(std::move(current_));
    if (!reading_ && held_ && ready_.size() < kReadAhead) read_next();
    changed_.wait_for(lock, stop, timeout, [this] { return !ready_.empty() || done_; });
    if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
    if (!ready_.empty()) {
      current_ = std::move(ready_.front());
      ready_.pop_front();
      return to_event(*current_);
    }
    if (!done_) return PullEvent{};
    if (!status_.ok()) return tl::unexpected(pull_error(status_));
    return PullEvent{.kind = PullEvent::Kind::end};
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
  void read_next() {
    if (free_.empty()) free_.push_back(std::make_unique<towl::v1::PullResponse>());
    incoming_ = std::move(free_.back());
    free_.pop_back();
    reading_ = true;
    StartRead(incoming_.get());
  }

  // No read will be started any more: gRPC may end the call.
  void let_go() {
    if (std::exchange(held_, false)) RemoveHold();
  }

  const towl::v1::PullRequest request_;
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

RpcPullStream::RpcPullStream(const std::shared_ptr<grpc::Channel>& channel, const towl::FeedStart& start,
                             const std::string& token)
    : call_(std::make_unique<Call>(channel, start, token)) {}

RpcPullStream::~RpcPullStream() = default;

PullResult<PullEvent> RpcPullStream::next(const std::stop_token& stop, std::chrono::milliseconds timeout) {
  return call_->next(stop, timeout);
}

}  // namespace towlctl

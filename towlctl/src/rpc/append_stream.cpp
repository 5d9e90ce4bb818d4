#include "rpc/append_stream.hpp"

#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "rpc/status.hpp"
#include "towl/v1/channel_security.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {
namespace {

/// No more than this is sent without an acknowledgement, so a collector that sends more of them is hostile.
constexpr std::size_t kMaxUntaken = 64;

Acknowledgement to_acknowledgement(const towl::v1::AppendResponse& response) {
  Acknowledgement acknowledgement = {.sequence = response.sequence(),
                                     .durability = static_cast<Durability>(response.durability())};
  for (const towl::v1::StoredRange& range : response.ranges()) acknowledgement.files.push_back(range.file_id());
  return acknowledgement;
}

void add(const towl::EntryView& entry, towl::v1::AppendRequest& request) {
  towl::v1::Entry& to = *request.add_entries();
  to.set_sender(entry.sender.data(), entry.sender.size());
  // When it is received, the collector says.
  if (entry.time_offset != 0) to.set_time(entry.time());
  to.set_log_format(static_cast<towl::v1::LogFormat>(entry.log_format));
  to.set_log_entry(entry.log_entry.data(), entry.log_entry.size());
}

}  // namespace

class RpcAppendStream::Call : public grpc::ClientBidiReactor<towl::v1::AppendRequest, towl::v1::AppendResponse> {
 public:
  Call(const std::shared_ptr<grpc::Channel>& channel, const AppendStart& start, const std::string& token)
      : stub_(towl::v1::Towl::NewStub(channel)) {
    request_.set_producer_id(start.producer_id);
    request_.set_durability(static_cast<towl::v1::Durability>(start.durability));
    towl::rpc::add_token(token, context_);
    stub_->async()->Append(&context_, this);
    AddHold();  // Writes are started outside of gRPC's own calls.
    StartRead(&incoming_);
    StartCall();
  }

  ~Call() override {
    std::unique_lock lock(mutex_);
    context_.TryCancel();
    let_go();
    changed_.wait(lock, [this] { return status_.has_value(); });
  }

  void write(std::uint64_t sequence, std::span<const towl::EntryView> entries) {
    request_.set_sequence(sequence);
    request_.clear_entries();
    for (const towl::EntryView& entry : entries) add(entry, request_);
    const std::lock_guard lock(mutex_);
    if (!held_) return;  // The stream is over, and its end may have been told: gRPC would go on after it.
    writing_ = true;
    StartWrite(&request_);
  }

  bool writing() {
    const std::lock_guard lock(mutex_);
    return writing_;
  }

  std::optional<Acknowledgement> take_acknowledgement() {
    const std::lock_guard lock(mutex_);
    if (responses_.empty()) return std::nullopt;
    auto acknowledgement = to_acknowledgement(responses_.front());
    responses_.pop_front();
    return acknowledgement;
  }

  std::optional<AppendEnd> ended() {
    const std::lock_guard lock(mutex_);
    if (!status_ || !responses_.empty()) return std::nullopt;
    if (status_->ok()) return AppendEnd{.again = true, .message = "the collector ended the stream"};
    return AppendEnd{.again = is_cut(*status_), .message = describe(*status_)};
  }

  bool wait(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    const bool changed = changed_.wait_for(lock, timeout, [this] { return news_; });
    news_ = false;
    return changed;
  }

  void end_writing() {
    const std::lock_guard lock(mutex_);
    if (held_) StartWritesDone();
    let_go();
  }

 private:
  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    news_ = true;
    if (!ok) let_go();  // The stream is over: its status follows.
    changed_.notify_all();
  }

  void OnReadDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    if (!ok) {
      let_go();
      return;
    }
    responses_.push_back(std::move(incoming_));
    incoming_.Clear();
    news_ = true;
    if (responses_.size() <= kMaxUntaken) {
      StartRead(&incoming_);
    } else {
      context_.TryCancel();
      let_go();
    }
    changed_.notify_all();
  }

  void OnDone(const grpc::Status& status) override {
    const std::lock_guard lock(mutex_);
    status_ = status;
    news_ = true;
    changed_.notify_all();
  }

  // No write will be started any more: gRPC may end the call.
  void let_go() {
    if (std::exchange(held_, false)) RemoveHold();
  }

  const std::unique_ptr<towl::v1::Towl::Stub> stub_;
  grpc::ClientContext context_;
  towl::v1::AppendRequest request_;  // gRPC reads it while writing_
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<towl::v1::AppendResponse> responses_;
  towl::v1::AppendResponse incoming_;
  bool news_ = false;
  bool writing_ = false;
  bool held_ = true;
  std::optional<grpc::Status> status_;
};

RpcAppendStream::RpcAppendStream(const std::shared_ptr<grpc::Channel>& channel, const AppendStart& start,
                                 const std::string& token)
    : call_(std::make_unique<Call>(channel, start, token)) {}
RpcAppendStream::~RpcAppendStream() = default;

void RpcAppendStream::write(std::uint64_t sequence, std::span<const towl::EntryView> entries) {
  call_->write(sequence, entries);
}
bool RpcAppendStream::writing() { return call_->writing(); }
std::optional<Acknowledgement> RpcAppendStream::take_acknowledgement() { return call_->take_acknowledgement(); }
std::optional<AppendEnd> RpcAppendStream::ended() { return call_->ended(); }
bool RpcAppendStream::wait(std::chrono::milliseconds timeout) { return call_->wait(timeout); }
void RpcAppendStream::end_writing() { call_->end_writing(); }

}  // namespace towlctl

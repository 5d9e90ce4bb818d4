#include "sync/append/append_stream.hpp"

#include <utility>

namespace towlctl {

AppendStream::AppendStream(const std::shared_ptr<grpc::Channel>& channel) : stub_(towl::v1::Towl::NewStub(channel)) {
  stub_->async()->Append(&context_, this);
  AddHold();  // Writes are started outside of gRPC's own calls.
  StartRead(&incoming_);
  StartCall();
}

AppendStream::~AppendStream() {
  std::unique_lock lock(mutex_);
  context_.TryCancel();
  let_go();
  changed_.wait(lock, [this] { return status_.has_value(); });
}

void AppendStream::write(const towl::v1::AppendRequest& request) {
  const std::lock_guard lock(mutex_);
  writing_ = true;
  StartWrite(&request);
}

bool AppendStream::writing() {
  const std::lock_guard lock(mutex_);
  return writing_;
}

std::optional<towl::v1::AppendResponse> AppendStream::take_response() {
  const std::lock_guard lock(mutex_);
  if (responses_.empty()) return std::nullopt;
  towl::v1::AppendResponse response = std::move(responses_.front());
  responses_.pop_front();
  return response;
}

std::optional<grpc::Status> AppendStream::ended() {
  const std::lock_guard lock(mutex_);
  return responses_.empty() ? status_ : std::nullopt;
}

bool AppendStream::wait(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  const bool changed = changed_.wait_for(lock, timeout, [this] { return news_; });
  news_ = false;
  return changed;
}

void AppendStream::end_writing() {
  const std::lock_guard lock(mutex_);
  if (held_) StartWritesDone();
  let_go();
}

void AppendStream::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  news_ = true;
  if (!ok) let_go();  // The stream is over: its status follows.
  changed_.notify_all();
}

void AppendStream::OnReadDone(bool ok) {
  const std::lock_guard lock(mutex_);
  if (!ok) {
    let_go();
    return;
  }
  responses_.push_back(std::move(incoming_));
  incoming_.Clear();
  news_ = true;
  StartRead(&incoming_);
  changed_.notify_all();
}

void AppendStream::OnDone(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  status_ = status;
  news_ = true;
  changed_.notify_all();
}

// No write will be started any more: gRPC may end the call.
void AppendStream::let_go() {
  if (std::exchange(held_, false)) RemoveHold();
}

}  // namespace towlctl

// AppendStream is one running Append: batches go out, acknowledgements come in, both without blocking.
//
// Shows generated headers: for server_sink.cpp only.
// Threads: one caller at a time; gRPC's own call in.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/client_callback.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>

#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {

class AppendStream : public grpc::ClientBidiReactor<towl::v1::AppendRequest, towl::v1::AppendResponse> {
 public:
  explicit AppendStream(const std::shared_ptr<grpc::Channel>& channel);
  AppendStream(const AppendStream&) = delete;
  AppendStream& operator=(const AppendStream&) = delete;
  /// Cancels what still runs, and waits for that.
  ~AppendStream() override;

  /// Sends `request`, which must live until writing() is false again. Only while it is false.
  void write(const towl::v1::AppendRequest& request);
  bool writing();

  /// The next acknowledgement that came, if there is one.
  std::optional<towl::v1::AppendResponse> take_response();

  /// The status, once the stream is over and all acknowledgements were taken.
  std::optional<grpc::Status> ended();

  /// Waits until something of the above has changed since the last call; false where nothing did in time.
  bool wait(std::chrono::milliseconds timeout);

  /// No more batches. The collector ends the stream once it has acknowledged all.
  void end_writing();

 private:
  void OnWriteDone(bool ok) override;
  void OnReadDone(bool ok) override;
  void OnDone(const grpc::Status& status) override;
  void let_go();

  const std::unique_ptr<towl::v1::Towl::Stub> stub_;
  grpc::ClientContext context_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<towl::v1::AppendResponse> responses_;
  towl::v1::AppendResponse incoming_;
  bool news_ = false;
  bool writing_ = false;
  bool held_ = true;
  std::optional<grpc::Status> status_;
};

}  // namespace towlctl

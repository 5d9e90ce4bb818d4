// RpcPullStream is the PullStream of gRPC: its threads receive while the caller writes.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "collector/pull_stream.hpp"

namespace towlctl {

class RpcPullStream final : public PullStream {
 public:
  RpcPullStream(const std::shared_ptr<grpc::Channel>& channel, const towl::FeedStart& start, const std::string& token);
  RpcPullStream(const RpcPullStream&) = delete;
  RpcPullStream& operator=(const RpcPullStream&) = delete;
  ~RpcPullStream() override;

  PullResult<PullEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout) override;

 private:
  class Call;
  std::unique_ptr<Call> call_;
};

}  // namespace towlctl

// RpcQueryStream is the QueryStream of gRPC.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "collector/query_stream.hpp"

namespace towlctl {

class RpcQueryStream final : public QueryStream {
 public:
  RpcQueryStream(const std::shared_ptr<grpc::Channel>& channel, const QueryCall& call, const std::string& token);
  RpcQueryStream(const RpcQueryStream&) = delete;
  RpcQueryStream& operator=(const RpcQueryStream&) = delete;
  ~RpcQueryStream() override;

  PullResult<QueryEvent> next(const std::stop_token& stop, std::chrono::milliseconds timeout) override;

 private:
  class State;
  std::unique_ptr<State> state_;
};

}  // namespace towlctl

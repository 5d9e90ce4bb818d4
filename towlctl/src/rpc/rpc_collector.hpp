// RpcCollector is the Collector of gRPC: one channel, which connects again by itself when it is used after a loss.
//
// Any thread.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <string>

#include "collector/collector.hpp"

namespace towlctl {

class RpcCollector final : public Collector {
 public:
  /// `server` is HOST:PORT, [IPv6]:PORT, unix:PATH, or HOST alone for port 50011.
  explicit RpcCollector(const std::string& server);

  const std::string& server() const override { return server_; }
  PullResult<void> connect(const std::stop_token& stop) override;
  PullResult<FilePage> list_files(const ListRequest& request, const std::stop_token& stop) override;
  std::unique_ptr<PullStream> pull(const towl::FeedStart& start) override;
  std::unique_ptr<AppendStream> append(const AppendStart& start) override;
  towl::Result<CollectorStats> stats() override;
  towl::Result<std::string> version() override;
  towl::Result<Retained> retain(const RetainCall& call) override;

 private:
  std::string server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace towlctl

// RpcCollector is the Collector of gRPC: one channel, which connects again by itself when it is used after a loss.
//
// Threads: any.
#pragma once

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "collector/collector.hpp"
#include "towl/v1/channel_security.hpp"

namespace towlctl {

class RpcCollector final : public Collector {
 public:
  /// `server` is HOST:PORT, [IPv6]:PORT or unix:PATH.
  RpcCollector(std::string server, const towl::rpc::ChannelSecurity& security);

  const std::string& server() const override { return server_; }
  PullResult<void> connect(const std::stop_token& stop) override;
  PullResult<FilePage> list_files(const ListRequest& request, const std::stop_token& stop) override;
  std::unique_ptr<PullStream> pull(const towl::FeedStart& start) override;
  std::unique_ptr<QueryStream> query(const QueryCall& call) override;
  std::unique_ptr<AppendStream> append(const AppendStart& start) override;
  towl::Result<CollectorStats> stats() override;
  towl::Result<std::string> version() override;
  towl::Result<Retained> retain(const RetainCall& call) override;

 private:
  /// Makes a call, and once more with the token of this host's administrator, if the collector is here and wants it.
  grpc::Status ask(std::chrono::milliseconds timeout, const std::function<grpc::Status(grpc::ClientContext&)>& call);
  bool learn_admin_token(const grpc::Status& status, const grpc::ClientContext& context);
  std::string token() const;
  std::string why_not_connected();

  const std::string server_;
  const bool tls_;
  std::shared_ptr<grpc::Channel> channel_;
  mutable std::mutex mutex_;
  std::string token_;
};

}  // namespace towlctl

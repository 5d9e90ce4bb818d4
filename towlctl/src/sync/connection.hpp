// Connection is a gRPC channel to one collector.
//
// Any thread; cheap to copy. The channel connects again by itself when it is used after a loss.
#pragma once

#include <grpcpp/channel.h>

#include <memory>
#include <stop_token>
#include <string>

#include "sync/pull_error.hpp"

namespace towlctl {

class Connection {
 public:
  /// `server` is HOST:PORT, [IPv6]:PORT, unix:PATH, or HOST alone for port 50011.
  explicit Connection(const std::string& server);

  /// Waits until the collector answers, for about five seconds. Errors: cut, with one line that says what to check.
  PullResult<void> connect(const std::stop_token& stop) const;

  const std::string& server() const { return server_; }
  const std::shared_ptr<grpc::Channel>& channel() const { return channel_; }

 private:
  std::string server_;
  std::shared_ptr<grpc::Channel> channel_;
};

}  // namespace towlctl

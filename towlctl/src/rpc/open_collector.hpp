// The entrance to the rpc room: the one function that other programs and libraries see of it.
#pragma once

#include <memory>
#include <string>

#include "collector/collector.hpp"
#include "collector/connection.hpp"

namespace towlctl {

/// The Collector of gRPC at `server`, completed from the environment and the user's folder: see
/// rpc/complete_connection.hpp. connect() finds out whether anybody is there. Errors: what is wrong with certificates
/// and token.
towl::Result<std::unique_ptr<Collector>> open_secure_collector(const std::string& server, Connection connection);

/// The same without a connection given: an OpenCollector.
inline towl::Result<std::unique_ptr<Collector>> open_rpc_collector(const std::string& server) {
  return open_secure_collector(server, {});
}

}  // namespace towlctl

#include "sync/ask_stats.hpp"

#include <grpcpp/client_context.h>

#include <chrono>

#include "session.hpp"
#include "sync/connection.hpp"
#include "sync/interrupt.hpp"
#include "towl/v1/towl.grpc.pb.h"

namespace towlctl {

towl::Result<towl::v1::StatsResponse> ask_stats(const std::string& server) {
  Interrupt interrupt;
  const Connection connection(server.empty() ? default_server() : server);
  if (auto connected = connection.connect(interrupt.token()); !connected) {
    return towl::fail(towl::ErrorCode::io, connected.error().message);
  }
  towl::v1::StatsRequest request;
  request.set_describe(true);
  towl::v1::StatsResponse response;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  const auto status = towl::v1::Towl::NewStub(connection.channel())->Stats(&context, request, &response);
  if (!status.ok()) return towl::fail(towl::ErrorCode::io, connection.server() + ": " + describe(status));
  return response;
}

}  // namespace towlctl

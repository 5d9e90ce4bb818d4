#include "sync/connection.hpp"

#include <grpc/support/log.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdlib>

namespace towlctl {
namespace {

using std::chrono::steady_clock;
using std::chrono::system_clock;

constexpr auto kConnectTimeout = std::chrono::seconds(5);
constexpr auto kLookAtStop = std::chrono::milliseconds(100);

// One entry may have 64 MiB and a chunk holds whole entries; the rest is room for the message around them.
constexpr int kMaxReceiveBytes = 72 << 20;

grpc::ChannelArguments channel_arguments() {
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(kMaxReceiveBytes);
  // A follower of a quiet log must notice that its collector is gone, also where no packet tells.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  // Logs are collected within a network; a proxy for the web, set in the environment, is not meant for them.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return arguments;
}

std::string with_port(const std::string& server) {
  if (server.starts_with("unix:") || server.find(':') != std::string::npos) {
    const bool bare_ipv6 = server.starts_with('[') && server.ends_with(']');
    return bare_ipv6 ? server + ":50011" : server;
  }
  return server + ":50011";
}

// gRPC writes lines of its own to standard error when a connection fails; ours say it once.
void silence_grpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace

Connection::Connection(const std::string& server) : server_(with_port(server)) {
  silence_grpc();
  channel_ = grpc::CreateCustomChannel(server_, grpc::InsecureChannelCredentials(), channel_arguments());
}

PullResult<void> Connection::connect(const std::stop_token& stop) const {
  const auto deadline = steady_clock::now() + kConnectTimeout;
  for (;;) {
    const grpc_connectivity_state state = channel_->GetState(true);
    if (state == GRPC_CHANNEL_READY) return {};
    if (stop.stop_requested()) return pull_fail(PullFailure::stopped, "stopped");
    const bool failed = state == GRPC_CHANNEL_TRANSIENT_FAILURE || state == GRPC_CHANNEL_SHUTDOWN;
    if (failed || steady_clock::now() >= deadline) {
      return pull_fail(PullFailure::cut, "cannot reach a collector at " + server_ +
                                             (failed ? " (connection failed)" : " (no answer within 5 s)") +
                                             ": check that towld runs and listens there (--server, $TOWL_SERVER)");
    }
    channel_->WaitForStateChange(state, system_clock::now() + kLookAtStop);
  }
}

}  // namespace towlctl

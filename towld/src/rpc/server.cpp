#include "rpc/server.hpp"

#include "limits/limits.hpp"
#include "rpc/tls_credentials.hpp"

#include <grpc/support/log.h>
#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include <boost/asio/ip/address.hpp>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace towld {
namespace {

/// "host" and ":port" of "host:port"; brackets stay.
std::pair<std::string, std::string> split(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos) return {address, ""};
  return {address.substr(0, colon), address.substr(colon)};
}

// gRPC writes lines of its own to standard error; the collector's log says what matters once.
void silence_grpc() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) gpr_set_log_function([](gpr_log_func_args*) {});
}

}  // namespace

bool is_loopback(const std::string& address) {
  if (address.starts_with("unix:")) return true;
  std::string host = split(address).first;
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  boost::system::error_code error;
  const auto parsed = boost::asio::ip::make_address(host, error);
  return !error && parsed.is_loopback();
}

towl::Result<Server> Server::listen(const std::string& address, TowlService& service, std::shared_ptr<LiveTls> tls,
                                    grpc::CallbackGenericService* others) {
  const auto [host, port] = split(address);
  const bool is_unix = address.starts_with("unix:");
  if (!is_unix && (host.empty() || port.size() < 2 || port.find_first_not_of("0123456789", 1) != std::string::npos)) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "cannot listen on \"" + address + "\": write it as HOST:PORT, e.g. 127.0.0.1:50011");
  }
  silence_grpc();
  grpc::EnableDefaultHealthCheckService(true);
  grpc::reflection::InitProtoReflectionServerBuilderPlugin();
  const auto cannot = [&] {
    return towl::fail(
        towl::ErrorCode::invalid_argument,
        "cannot listen on " + address + ": is another program there, or the host not one of this machine?");
  };
  int port_taken = 0;
  grpc::ServerBuilder builder;
  const auto credentials = tls && !is_unix ? live_credentials(std::move(tls)) : grpc::InsecureServerCredentials();
  builder.AddListeningPort(address, credentials, &port_taken);
  builder.RegisterService(&service);
  if (others != nullptr) builder.RegisterCallbackGenericService(others);
  builder.SetMaxReceiveMessageSize(kMaxRequestBytes);
  builder.SetResourceQuota(grpc::ResourceQuota("towld").Resize(kRpcQuotaBytes));
  // Two collectors on one port would each get some of the connections.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // Who connects and says nothing is not kept.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, static_cast<int>(kRpcHandshakeTime.count()));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, static_cast<int>(kRpcIdleTime.count()));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, kMaxStreamsAConnection);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // Notices peers that are gone without a word.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  auto server = builder.BuildAndStart();
  if (!server || (!is_unix && port_taken == 0)) return cannot();
  server->GetHealthCheckService()->SetServingStatus("towl.v1.Towl", true);
  return Server(credentials, std::move(server), is_unix ? address : host + ":" + std::to_string(port_taken));
}

void Server::stop(std::chrono::milliseconds patience) {
  server_->GetHealthCheckService()->SetServingStatus(false);
  server_->Shutdown(std::chrono::system_clock::now() + patience);
  server_->Wait();
}

}  // namespace towld

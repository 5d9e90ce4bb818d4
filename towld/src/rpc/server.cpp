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

towl::Result<Server> Server::listen(const std::string& address, TowlService& service, const ServerOptions& options) {
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
  std::unique_ptr<ConnectionGate> gate;
  if (!is_unix) {
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    const std::size_t all = options.limits[Limit::grpc_connections];
    auto opened = ConnectionGate::listen(bracketed ? host.substr(1, host.size() - 2) : host, port.substr(1),
                                         {.all = all, .of_peer = options.limits.share_of_peer(all)}, options.reached,
                                         options.say);
    if (!opened) return cannot();
    gate = std::move(*opened);
  }
  const auto number = [&](Limit limit) { return static_cast<int>(options.limits[limit]); };
  grpc::ServerBuilder builder;
  const auto credentials = options.tls && !is_unix ? live_credentials(options.tls) : grpc::InsecureServerCredentials();
  std::unique_ptr<ConnectionGate::Acceptor> acceptor;
  if (gate) {
    using Kind = grpc::ServerBuilder::experimental_type::ExternalConnectionType;
    acceptor = builder.experimental().AddExternalConnectionAcceptor(Kind::FROM_FD, credentials);
  } else {
    builder.AddListeningPort(address, credentials);
  }
  builder.RegisterService(&service);
  if (options.others != nullptr) builder.RegisterCallbackGenericService(options.others);
  // And what the message adds to its entries.
  builder.SetMaxReceiveMessageSize(number(Limit::request_bytes) + kMessageRoomBytes);
  // gRPC 1.51 unpacks messages without a bound: 4 MiB become 4 GiB. They are taken as they are sent, and unpacked by
  // what takes them, if at all; other algorithms than gzip are refused by gRPC.
  builder.AddChannelArgument(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  builder.SetResourceQuota(grpc::ResourceQuota("towld").Resize(
      kRpcQuotaBytes + options.limits[Limit::grpc_connections] * kRpcConnectionBytes));
  // Clients that connect and say nothing are not kept.
  builder.AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, number(Limit::grpc_handshake_time));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS, number(Limit::grpc_idle_time));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, number(Limit::grpc_calls));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, number(Limit::grpc_header_bytes));
  // Notices peers that are gone without a word.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 10'000);
  auto server = builder.BuildAndStart();
  if (!server) return cannot();
  server->GetHealthCheckService()->SetServingStatus("towl.v1.Towl", true);
  std::string where = is_unix ? address : host + ":" + std::to_string(gate->port());
  if (gate) gate->start(std::move(acceptor));
  return Server(credentials, std::move(server), std::move(gate), std::move(where));
}

void Server::stop(std::chrono::milliseconds patience) {
  if (gate_) gate_->stop();
  server_->GetHealthCheckService()->SetServingStatus(false);
  server_->Shutdown(std::chrono::system_clock::now() + patience);
  server_->Wait();
}

}  // namespace towld

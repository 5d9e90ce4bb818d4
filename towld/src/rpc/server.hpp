// Server is the gRPC server: the towl service, health (grpc.health.v1) and reflection on one address.
#pragma once

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>

#include "rpc/connection_gate.hpp"
#include "rpc/towl_service.hpp"
#include "tls/live_tls.hpp"
#include "towl/result.hpp"

namespace towld {

struct ServerOptions {
  std::shared_ptr<LiveTls> tls = nullptr;  ///< nullptr: none.
  Limits limits = {};
  std::shared_ptr<LimitCounts> reached = nullptr;
  ConnectionGate::Say say = {};                    ///< That connections are refused.
  grpc::CallbackGenericService* others = nullptr;  ///< Has the methods that no service has; nullptr: there are none.
};

class Server {
 public:
  /// Listens on `address`, HOST:PORT; port 0 takes a free one. Borrows `service`, and `options.others`.
  /// Errors: invalid_argument if it cannot listen there.
  static towl::Result<Server> listen(const std::string& address, TowlService& service,
                                     const ServerOptions& options = {});

  /// nullptr if there is none: unix:.
  const ConnectionGate* gate() const { return gate_.get(); }

  /// HOST:PORT with the port that was taken.
  const std::string& address() const { return address_; }

  /// Health says from now on that it does not serve; refuses new calls and waits for those that run; cancels what is
  /// not done in time.
  void stop(std::chrono::milliseconds patience);

 private:
  Server(std::shared_ptr<grpc::ServerCredentials> credentials, std::unique_ptr<grpc::Server> server,
         std::unique_ptr<ConnectionGate> gate, std::string address)
      : credentials_(std::move(credentials)),
        server_(std::move(server)),
        gate_(std::move(gate)),
        address_(std::move(address)) {}

  std::shared_ptr<grpc::ServerCredentials> credentials_;  // asked by the server for as long as it is there
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<ConnectionGate> gate_;  // none for unix:
  std::string address_;
};

/// "HOST:PORT" if the host means this machine alone: 127.0.0.0/8, ::1, localhost, unix:…
bool is_loopback(const std::string& address);

}  // namespace towld

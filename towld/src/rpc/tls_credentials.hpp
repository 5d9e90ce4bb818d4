// TLS of the gRPC server, with certificates that may change while it listens.
#pragma once

#include <grpcpp/security/server_credentials.h>

#include <memory>

#include "tls/live_tls.hpp"

namespace towld {

/// Credentials that ask `tls` for what is current whenever a connection begins. TLS 1.2 and 1.3, gRPC's cipher suites:
/// forward secrecy and authenticated encryption alone. Must outlive the server.
std::shared_ptr<grpc::ServerCredentials> live_credentials(std::shared_ptr<LiveTls> tls);

}  // namespace towld

// How a client of a collector (towlctl or an agent) proves who it is, and verifies whom it talks to. In one place, so
// that both do the same.
//
//     this host      plain, unless a TLS option is given
//     another host   TLS with a verified certificate, unless an option says otherwise; no token without TLS
//
// Any thread.
#pragma once

#include <grpcpp/client_context.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/support/channel_arguments.h>

#include <memory>
#include <string>

#include "towl/result.hpp"

namespace towl::rpc {

/// What the user said about a connection; paths of PEM files.
struct SecurityOptions {
  std::string ca = {};    ///< CAs that the server's certificate may be signed by; empty: the system's.
  std::string cert = {};  ///< The client's own certificate, for a server that asks for one, and its key.
  std::string key = {};
  std::string server_name = {};  ///< What the certificate must be for; empty: the host of the address.
  bool skip_verify = false;      ///< Take any certificate: anyone in between can read and change everything.
  bool plaintext = false;        ///< No TLS, for any address.
  std::string token = {};
};

/// The same with the files' contents.
struct ChannelSecurity {
  bool tls = false;
  bool verify = true;
  std::string ca_pem = {};
  std::string cert_pem = {};
  std::string key_pem = {};
  std::string server_name = {};
  std::string token = {};
};

/// The server is on this host: 127.0.0.0/8, ::1, localhost, unix:…
bool is_this_host(const std::string& server);

/// Reads the files. Errors: those of reading; invalid_argument for what does not go together: a certificate without its
/// key, a token that would travel in the clear, a token that is not one word.
Result<ChannelSecurity> read_security(const std::string& server, const SecurityOptions& options);

/// A channel to `server`, which connects when it is used.
std::shared_ptr<grpc::Channel> open_channel(const std::string& server, const ChannelSecurity& security,
                                            grpc::ChannelArguments arguments);

/// The call sends the token, if there is one.
void add_token(const std::string& token, grpc::ClientContext& context);

}  // namespace towl::rpc

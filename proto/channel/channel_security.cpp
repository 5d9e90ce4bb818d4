#include "towl/v1/channel_security.hpp"

#include <arpa/inet.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_certificate_verifier.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <utility>
#include <vector>

namespace towl::rpc {
namespace {

/// Where Debian's package ca-certificates keeps the system's CAs in one file.
constexpr const char* kSystemCas = "/etc/ssl/certs/ca-certificates.crt";
constexpr std::size_t kMaxPemBytes = std::size_t{4} << 20;
constexpr std::size_t kMaxTokenBytes = 1024;

/// "host" of "host:port" and "[host]:port".
std::string host_of(const std::string& server) {
  if (server.starts_with('[')) return server.substr(1, server.find(']') - 1);
  return server.substr(0, server.rfind(':'));
}

Result<void> read_file(const std::string& path, const char* what, std::string& into) {
  if (path.empty()) return {};
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(error_from_errno(errno, std::string("cannot read ") + what, path));
  into.resize(kMaxPemBytes + 1);
  file.read(into.data(), static_cast<std::streamsize>(into.size()));
  into.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return fail(ErrorCode::io, std::string("cannot read ") + what, path);
  if (into.size() > kMaxPemBytes || into.find("-----BEGIN ") == std::string::npos) {
    return fail(ErrorCode::invalid_argument, std::string(what) + " is no PEM file", path);
  }
  return {};
}

Result<void> check(const std::string& server, const SecurityOptions& options, const ChannelSecurity& security) {
  const auto wrong = [](const std::string& what) { return fail(ErrorCode::invalid_argument, what); };
  if (options.cert.empty() != options.key.empty()) {
    return wrong("a client's certificate and its key belong together: give both, or neither");
  }
  if (options.plaintext && (!options.ca.empty() || !options.cert.empty())) {
    return wrong("plaintext and certificates exclude each other");
  }
  const std::string& token = security.token;
  const bool is_word = std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!is_word || token.size() > kMaxTokenBytes) return wrong("the token is no word of printable characters");
  if (!token.empty() && !security.tls && !is_this_host(server)) {
    return wrong("a token must not travel in the clear: talk to " + server + " with TLS, or leave the token out");
  }
  return {};
}

std::shared_ptr<grpc::ChannelCredentials> credentials_of(const ChannelSecurity& security) {
  if (!security.tls) return grpc::InsecureChannelCredentials();
  if (security.verify) {
    return grpc::SslCredentials({security.ca_pem, security.key_pem, security.cert_pem});
  }
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_verify_server_certs(false);
  options.set_check_call_host(false);
  options.set_certificate_verifier(std::make_shared<grpc::experimental::NoOpCertificateVerifier>());
  if (!security.cert_pem.empty()) {
    options.set_certificate_provider(std::make_shared<grpc::experimental::StaticDataCertificateProvider>(
        std::vector<grpc::experimental::IdentityKeyCertPair>{{security.key_pem, security.cert_pem}}));
    options.watch_identity_key_cert_pairs();
  }
  return grpc::experimental::TlsCredentials(options);
}

}  // namespace

bool is_this_host(const std::string& server) {
  if (server.starts_with("unix:")) return true;
  const std::string host = host_of(server);
  if (host == "localhost") return true;
  in_addr v4{};
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  in6_addr v6{};
  return inet_pton(AF_INET6, host.c_str(), &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6);
}

Result<ChannelSecurity> read_security(const std::string& server, const SecurityOptions& options) {
  ChannelSecurity security;
  const bool asks_for_tls =
      !options.ca.empty() || !options.cert.empty() || !options.server_name.empty() || options.skip_verify;
  security.tls = !options.plaintext && (asks_for_tls || !is_this_host(server));
  security.verify = !options.skip_verify;
  security.server_name = options.server_name;
  security.token = options.token;
  if (auto good = check(server, options, security); !good) return fail(std::move(good.error()));
  if (!security.tls) return security;
  auto read = read_file(options.ca, "the CA", security.ca_pem);
  if (read) read = read_file(options.cert, "the certificate", security.cert_pem);
  if (read) read = read_file(options.key, "the key", security.key_pem);
  if (!read) return fail(std::move(read.error()));
  // Without the package there are none, and the connection fails because of that.
  if (options.ca.empty() && security.verify) (void)read_file(kSystemCas, "the system's CAs", security.ca_pem);
  return security;
}

std::shared_ptr<grpc::Channel> open_channel(const std::string& server, const ChannelSecurity& security,
                                            grpc::ChannelArguments arguments) {
  if (security.tls && !security.server_name.empty()) arguments.SetSslTargetNameOverride(security.server_name);
  // gRPC 1.51 unpacks messages without a bound: 4 MiB from a collector would become 4 GiB. No collector packs messages.
  arguments.SetInt(GRPC_ARG_ENABLE_PER_MESSAGE_DECOMPRESSION, 0);
  arguments.SetInt(GRPC_COMPRESSION_CHANNEL_ENABLED_ALGORITHMS_BITSET, 1 << GRPC_COMPRESS_NONE);
  return grpc::CreateCustomChannel(server, credentials_of(security), arguments);
}

void add_token(const std::string& token, grpc::ClientContext& context) {
  if (!token.empty()) context.AddMetadata("authorization", "Bearer " + token);
}

}  // namespace towl::rpc

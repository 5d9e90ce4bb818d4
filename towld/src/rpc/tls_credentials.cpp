#include "rpc/tls_credentials.hpp"

#include <grpc/grpc.h>
#include <grpc/grpc_security.h>

#include <atomic>
#include <string>
#include <utility>

namespace towld {
namespace {

// gRPC's C++ face has two ways to change certificates. FileWatcherCertificateProvider takes a pair that does not fit,
// and then refuses everybody; a provider of fixed data cannot change. Its C face asks at each handshake, and LiveTls
// has checked what it gives.
class LiveCredentials final : public grpc::ServerCredentials {
 public:
  explicit LiveCredentials(std::shared_ptr<LiveTls> tls) : tls_(std::move(tls)) {
    const auto clients = tls_->asks_for_client_certificates()
                             ? GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY
                             : GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE;
    credentials_ = grpc_ssl_server_credentials_create_with_options(
        grpc_ssl_server_credentials_create_options_using_config_fetcher(clients, &LiveCredentials::fetch, this));
  }
  LiveCredentials(const LiveCredentials&) = delete;
  LiveCredentials& operator=(const LiveCredentials&) = delete;
  ~LiveCredentials() override { grpc_server_credentials_release(credentials_); }

  /// Tokens are looked at by each call: see admit().
  void SetAuthMetadataProcessor(const std::shared_ptr<grpc::AuthMetadataProcessor>&) override {}

 private:
  int AddPortToServer(const std::string& address, grpc_server* server) override {
    return grpc_server_add_http2_port(server, address.c_str(), credentials_);
  }

  static grpc_ssl_certificate_config_reload_status fetch(void* self, grpc_ssl_server_certificate_config** config) {
    return static_cast<LiveCredentials*>(self)->fetch(config);
  }

  grpc_ssl_certificate_config_reload_status fetch(grpc_ssl_server_certificate_config** config) {
    if (tls_->version_number() == fetched_) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_UNCHANGED;
    const LiveTls::Version version = tls_->version();
    const grpc_ssl_pem_key_cert_pair pair{version.pem.key.c_str(), version.pem.cert.c_str()};
    // gRPC wants some CA here even if no client is asked for a certificate: then it means nothing.
    const std::string& client_ca = tls_->asks_for_client_certificates() ? version.pem.client_ca : version.pem.cert;
    *config = grpc_ssl_server_certificate_config_create(client_ca.c_str(), &pair, 1);
    if (*config == nullptr) return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_FAIL;
    fetched_ = version.number;
    return GRPC_SSL_CERTIFICATE_CONFIG_RELOAD_NEW;
  }

  const std::shared_ptr<LiveTls> tls_;
  std::atomic<std::uint64_t> fetched_ = 0;
  grpc_server_credentials* credentials_ = nullptr;
};

}  // namespace

std::shared_ptr<grpc::ServerCredentials> live_credentials(std::shared_ptr<LiveTls> tls) {
  return std::make_shared<LiveCredentials>(std::move(tls));
}

}  // namespace towld

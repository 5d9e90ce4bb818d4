#include "inputs/syslog/tls.hpp"

#include <openssl/err.h>

namespace towld {

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

towl::Result<TlsContext> TlsContext::load(const TlsConfig& config) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  const auto failed = [&](const std::string& what, const std::string& file) {
    return towl::fail(towl::ErrorCode::invalid_argument, "cannot use " + what + ": " + take_tls_error(), file);
  };
  if (!context) return failed("TLS", "");
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  // Many clients end a connection without saying so in TLS; syslog's framing tells a whole message.
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections hold no buffers.
  SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Connections last: there is nothing to gain from resuming them.
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(tls, 0);
  if (SSL_CTX_use_certificate_chain_file(tls, config.cert.c_str()) != 1) return failed("tls.cert", config.cert);
  if (SSL_CTX_use_PrivateKey_file(tls, config.key.c_str(), SSL_FILETYPE_PEM) != 1) return failed("tls.key", config.key);
  if (SSL_CTX_check_private_key(tls) != 1) return failed("tls.key with tls.cert", config.key);
  if (!config.client_ca.empty()) {
    STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(config.client_ca.c_str());
    if (names == nullptr) return failed("tls.client_ca", config.client_ca);
    SSL_CTX_set_client_CA_list(tls, names);
    if (SSL_CTX_load_verify_locations(tls, config.client_ca.c_str(), nullptr) != 1) {
      return failed("tls.client_ca", config.client_ca);
    }
    SSL_CTX_set_verify(tls, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return TlsContext(context);
}

Ssl TlsContext::accept(int fd) const {
  Ssl ssl(SSL_new(context_.get()));
  if (!ssl || SSL_set_fd(ssl.get(), fd) != 1) return nullptr;
  SSL_set_accept_state(ssl.get());
  return ssl;
}

}  // namespace towld

// TLS of a listener: certificates, and the state of a connection (OpenSSL).
#pragma once

#include <openssl/ssl.h>

#include <memory>

#include "config/tls_config.hpp"
#include "towl/result.hpp"

namespace towld {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;

/// Certificate and key, read once. Connections keep what they were begun with. Any thread.
class TlsContext {
 public:
  /// Reads the files. Errors: invalid_argument, with the file and OpenSSL's reason.
  static towl::Result<TlsContext> load(const TlsConfig& config);

  /// The server's side of a connection on `fd`, which it does not own. Empty where there is no memory.
  Ssl accept(int fd) const;

 private:
  explicit TlsContext(std::shared_ptr<SSL_CTX> context) : context_(std::move(context)) {}

  std::shared_ptr<SSL_CTX> context_;
};

/// The reason of OpenSSL's oldest error of this thread; clears them all.
std::string take_tls_error();

}  // namespace towld

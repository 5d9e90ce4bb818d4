// TLS of a listener: its certificates, and the state of a connection (OpenSSL).
//
// What is spoken: TLS 1.3, and 1.2 with forward secrecy and authenticated encryption alone (RFC 9325).
#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "config/tls_config.hpp"
#include "towl/result.hpp"

namespace towld {

struct FreeSsl {
  void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using Ssl = std::unique_ptr<SSL, FreeSsl>;

/// What the files of a TlsConfig had in them, as PEM.
struct TlsPem {
  std::string cert = {};  ///< The server's certificate, then those that lead from it to its CA.
  std::string key = {};
  std::string client_ca = {};  ///< Empty: clients need no certificate.

  friend bool operator==(const TlsPem&, const TlsPem&) = default;
};

/// Reads the files. Errors: those of reading, with the file; invalid_argument for one that is too large.
towl::Result<TlsPem> read_pem(const TlsConfig& config);

/// Certificate and key, read once. Connections keep what they were begun with. Any thread.
class TlsContext {
 public:
  /// Reads the files. Errors: those of read_pem(); invalid_argument, with the file and OpenSSL's reason.
  static towl::Result<TlsContext> load(const TlsConfig& config);

  /// Of what read_pem() gave. `config` names the files in errors.
  static towl::Result<TlsContext> make(const TlsPem& pem, const TlsConfig& config);

  /// The server's side of a connection on `fd`, which it does not own. Empty if there is no memory.
  Ssl accept(int fd) const;

 private:
  explicit TlsContext(std::shared_ptr<SSL_CTX> context) : context_(std::move(context)) {}

  std::shared_ptr<SSL_CTX> context_;
};

/// The reason of OpenSSL's oldest error of this thread; clears them all.
std::string take_tls_error();

}  // namespace towld

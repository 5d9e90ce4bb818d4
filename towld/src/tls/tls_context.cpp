#include "tls/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <cerrno>
#include <fstream>
#include <iterator>

#include "limits/limits.hpp"

namespace towld {
namespace {

/// Mozilla's "intermediate" without DHE, whose parameters are slow to make and easy to get wrong.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL";

using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;
using Certificate = std::unique_ptr<X509, decltype(&X509_free)>;

Bio reader_of(const std::string& pem) { return {BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free}; }

Certificate next_certificate(BIO* from) { return {PEM_read_bio_X509(from, nullptr, nullptr, nullptr), &X509_free}; }

/// The end of a PEM file is an error to OpenSSL as well.
bool at_end() {
  const auto code = ERR_peek_last_error();
  const bool end = code == 0 || (ERR_GET_LIB(code) == ERR_LIB_PEM && ERR_GET_REASON(code) == PEM_R_NO_START_LINE);
  if (end) ERR_clear_error();
  return end;
}

bool use_chain(SSL_CTX* tls, const std::string& pem) {
  const Bio from = reader_of(pem);
  const Certificate own = next_certificate(from.get());
  if (!own || SSL_CTX_use_certificate(tls, own.get()) != 1) return false;
  while (Certificate next = next_certificate(from.get())) {
    if (SSL_CTX_add0_chain_cert(tls, next.get()) != 1) return false;
    static_cast<void>(next.release());  // The context's now.
  }
  return at_end();
}

bool use_key(SSL_CTX* tls, const std::string& pem) {
  const Bio from = reader_of(pem);
  // A key that asks for a password is refused: there is nobody to ask.
  const auto no_password = [](char*, int, int, void*) { return -1; };
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      PEM_read_bio_PrivateKey(from.get(), nullptr, no_password, nullptr), &EVP_PKEY_free);
  return key && SSL_CTX_use_PrivateKey(tls, key.get()) == 1;
}

bool use_client_ca(SSL_CTX* tls, const std::string& pem) {
  const Bio from = reader_of(pem);
  std::size_t count = 0;
  for (; const Certificate ca = next_certificate(from.get()); ++count) {
    if (SSL_CTX_add_client_CA(tls, ca.get()) != 1) return false;
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(tls), ca.get()) != 1) return false;
  }
  return count > 0 && at_end();
}

towl::Result<std::string> contents_of(const std::string& path) {
  if (path.empty()) return std::string();
  std::ifstream file(path, std::ios::binary);
  if (!file) return towl::fail(towl::error_from_errno(errno, "cannot read it", path));
  std::string text(kMaxPemBytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (file.bad()) return towl::fail(towl::ErrorCode::io, "cannot read it", path);
  if (text.size() > kMaxPemBytes) {
    return towl::fail(towl::ErrorCode::invalid_argument, "it is too large for a file of certificates", path);
  }
  return text;
}

}  // namespace

std::string take_tls_error() {
  const unsigned long code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "unknown reason" : reason;
}

towl::Result<TlsPem> read_pem(const TlsConfig& config) {
  TlsPem pem;
  for (const auto& [what, path, text] : {std::tuple{"tls.cert", &config.cert, &pem.cert},
                                         {"tls.key", &config.key, &pem.key},
                                         {"tls.client_ca", &config.client_ca, &pem.client_ca}}) {
    auto read = contents_of(*path);
    if (!read) {
      towl::Error error = std::move(read.error());
      error.message = std::string("cannot use ") + what + ": " + error.message;
      return towl::fail(std::move(error));
    }
    *text = std::move(*read);
  }
  return pem;
}

towl::Result<TlsContext> TlsContext::load(const TlsConfig& config) {
  const auto pem = read_pem(config);
  if (!pem) return towl::fail(pem.error());
  return make(*pem, config);
}

towl::Result<TlsContext> TlsContext::make(const TlsPem& pem, const TlsConfig& config) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  const auto failed = [&](const std::string& what, const std::string& file) {
    return towl::fail(towl::ErrorCode::invalid_argument, "cannot use " + what + ": " + take_tls_error(), file);
  };
  if (!context) return failed("TLS", "");
  SSL_CTX* const tls = context.get();
  SSL_CTX_set_min_proto_version(tls, TLS1_2_VERSION);
  if (SSL_CTX_set_cipher_list(tls, kTls12Ciphers) != 1) return failed("TLS", "");
  // Many clients end a connection without saying so in TLS; the framing of what they send tells a whole message.
  SSL_CTX_set_options(tls, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_IGNORE_UNEXPECTED_EOF |
                               SSL_OP_CIPHER_SERVER_PREFERENCE);
  // Idle connections hold no buffers.
  SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Connections last: there is nothing to gain from resuming them.
  SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(tls, 0);
  if (!use_chain(tls, pem.cert)) return failed("tls.cert", config.cert);
  if (!use_key(tls, pem.key)) return failed("tls.key", config.key);
  if (SSL_CTX_check_private_key(tls) != 1) return failed("tls.key with tls.cert", config.key);
  if (!config.client_ca.empty()) {
    if (!use_client_ca(tls, pem.client_ca)) return failed("tls.client_ca", config.client_ca);
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

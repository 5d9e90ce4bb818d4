#include "tls/fetch_ca.hpp"

#include <netdb.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <memory>

#include "limits/limits.hpp"
#include "tls/make_certificates.hpp"
#include "tls/pem.hpp"
#include "tls/tls_context.hpp"

namespace towld {
namespace {

class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Socket& operator=(Socket&&) = delete;
  ~Socket() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

towl::Result<Socket> connect_to(const std::string& host, const std::string& port) {
  const std::string where = host + ":" + port;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return towl::fail(towl::ErrorCode::io, "cannot reach " + where + ": " + gai_strerror(error));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  int error_number = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    Socket socket(::socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol));
    const timeval patience{kFetchCaSeconds, 0};
    setsockopt(socket.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);  // connect(2) too
    if (connect(socket.get(), at->ai_addr, at->ai_addrlen) == 0) return socket;
    error_number = errno;
  }
  return towl::fail(towl::ErrorCode::io, "cannot reach " + where + ": " + std::strerror(error_number));
}

/// Why the server's certificate is not one that `ca` signed for `host`; "" if it is.
std::string fault_of(X509* server, X509* ca, const std::string& host) {
  const std::unique_ptr<X509_STORE, decltype(&X509_STORE_free)> store(X509_STORE_new(), &X509_STORE_free);
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> check(X509_STORE_CTX_new(),
                                                                              &X509_STORE_CTX_free);
  if (!store || !check || X509_STORE_add_cert(store.get(), ca) != 1 ||
      X509_STORE_CTX_init(check.get(), store.get(), server, nullptr) != 1) {
    return "it cannot be checked";
  }
  X509_VERIFY_PARAM* what = X509_STORE_CTX_get0_param(check.get());
  X509_VERIFY_PARAM_set_purpose(what, X509_PURPOSE_SSL_SERVER);
  if (X509_VERIFY_PARAM_set1_ip_asc(what, host.c_str()) != 1) X509_VERIFY_PARAM_set1_host(what, host.c_str(), 0);
  ERR_clear_error();
  if (X509_verify_cert(check.get()) == 1) return "";
  return X509_verify_cert_error_string(X509_STORE_CTX_get_error(check.get()));
}

}  // namespace

towl::Result<std::string> fetch_ca(const std::string& host, const std::string& port, const std::string& sha256) {
  std::string wanted;
  for (const char c : sha256) wanted += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const auto socket = connect_to(host, port);
  if (!socket) return towl::fail(socket.error());
  ERR_clear_error();
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
  const Ssl ssl(context ? SSL_new(context.get()) : nullptr);
  if (!ssl) return towl::fail(towl::ErrorCode::io, "no memory for TLS");
  // What is shown is checked below.
  SSL_set_verify(ssl.get(), SSL_VERIFY_NONE, nullptr);
  constexpr std::array<unsigned char, 3> kHttp2 = {2, 'h', '2'};
  SSL_set_alpn_protos(ssl.get(), kHttp2.data(), kHttp2.size());
  // The macro for it casts as C does.
  SSL_ctrl(ssl.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, const_cast<char*>(host.c_str()));
  if (SSL_set_fd(ssl.get(), socket->get()) != 1 || SSL_connect(ssl.get()) != 1) {
    return towl::fail(towl::ErrorCode::io, "no TLS with " + host + ":" + port + ": " + take_tls_error());
  }
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl.get());
  const auto not_good = [&](const std::string& fault) {
    return towl::fail(towl::ErrorCode::permission_denied,
                      "the certificate of " + host + ":" + port + " is not good: " + fault);
  };
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    std::string pem = pem_of(sk_X509_value(chain, i));
    if (fingerprint_of(pem).value_or("") != wanted) continue;
    const std::string fault = fault_of(sk_X509_value(chain, 0), sk_X509_value(chain, i), host);
    if (fault.empty()) return pem;
    return not_good(fault);
  }
  return towl::fail(towl::ErrorCode::permission_denied,
                    host + ":" + port +
                        " shows no CA with that SHA-256: it is another collector, or somebody is in "
                        "between");
}

}  // namespace towld

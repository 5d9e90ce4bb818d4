// HTTP over TLS: the same server after a handshake.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <csignal>

#include "http/tls_http_stream.hpp"
#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

using Context = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

/// A server's context with a certificate that was made for it.
Context make_server_context() {
  Context context(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free);
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("towld"), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  EXPECT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  EXPECT_EQ(SSL_CTX_use_certificate(context.get(), certificate.get()), 1);
  EXPECT_EQ(SSL_CTX_use_PrivateKey(context.get(), key.get()), 1);
  return context;
}

/// A client that waits.
class TlsClient {
 public:
  explicit TlsClient(const std::string& address) : client_(address) {
    const timeval patience{20, 0};
    ::setsockopt(client_.descriptor(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    SSL_set_fd(ssl_.get(), client_.descriptor());
    EXPECT_EQ(SSL_connect(ssl_.get()), 1);
  }

  void send(std::string_view bytes) {
    EXPECT_EQ(SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())), static_cast<int>(bytes.size()));
  }

  /// What comes until the end.
  std::string read_all() {
    std::string all;
    char buffer[65536];
    for (int bytes = 0; (bytes = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(bytes));
    }
    EXPECT_EQ(SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN) << "cut off";
    return all;
  }

 private:
  towl::test::HttpClient client_;
  Context context_{SSL_CTX_new(TLS_client_method()), &SSL_CTX_free};
  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_{SSL_new(context_.get()), &SSL_free};
};

class HttpTls : public HttpFixture {
 protected:
  HttpTls() {
    // OpenSSL writes to connections that are gone.
    std::signal(SIGPIPE, SIG_IGN);
    make_stream_ = [this](HttpStream::Socket socket) -> std::unique_ptr<HttpStream> {
      TlsHttpStream::Ssl ssl(SSL_new(context_.get()), &SSL_free);
      if (!ssl || SSL_set_fd(ssl.get(), socket.native_handle()) != 1) return nullptr;
      SSL_set_accept_state(ssl.get());
      return std::make_unique<TlsHttpStream>(std::move(socket), std::move(ssl));
    };
    routes_->add("/echo", {HttpMethod::get, HttpMethod::post},
                 std::make_shared<HttpFunction>([](const HttpRequest& request) {
                   return HttpResponse{.body = request.query + "|" + request.body};
                 }));
  }
  ~HttpTls() override { stop(); }

  Context context_ = make_server_context();
};

TEST_F(HttpTls, EntriesAreTakenOverTls) {
  start();
  TlsClient client(server_->address());
  client.send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{\"message\":\"a\"}");
  client.send("POST /ingest HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 15\r\n\r\n{\"message\":\"b\"}");
  const std::string answers = client.read_all();
  EXPECT_EQ(answers.find("HTTP/1.1 202"), 0u);
  EXPECT_NE(answers.rfind("HTTP/1.1 202"), 0u);
  EXPECT_EQ(stored(), (std::vector<std::string>{"127.0.0.1 a", "127.0.0.1 b"}));
}

TEST_F(HttpTls, LargeBodiesGoBothWays) {
  start();
  const std::string body(4 << 20, 'x');
  TlsClient client(server_->address());
  client.send("POST /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) +
              "\r\n\r\n" + body);
  const std::string answer = client.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\n|" + body));
}

TEST_F(HttpTls, WhoSpeaksNoTlsOrNothingIsCutOff) {
  start({.header_time = 100ms});
  auto plain = client();
  plain.send("GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  while (plain.read().status != 0) {
  }
  auto silent = client();
  EXPECT_TRUE(silent.is_closed());
  TlsClient good(server_->address());
  good.send("GET /echo?x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  EXPECT_TRUE(good.read_all().ends_with("x|"));
}

}  // namespace
}  // namespace towld

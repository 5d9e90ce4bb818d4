#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <fstream>

#include "support/certificates.hpp"
#include "tls/tls_context.hpp"
#include "towld/inputs/syslog/syslog_fixture.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using towl::test::eventually;

/// A TLS client; with `certificate` (the path of .pem and .key, without them) it shows one.
class TlsClient {
 public:
  explicit TlsClient(int port, const std::string& certificate = "") : plain_(port) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), &SSL_CTX_free);
    if (!certificate.empty()) {
      SSL_CTX_use_certificate_chain_file(context.get(), (certificate + ".pem").c_str());
      SSL_CTX_use_PrivateKey_file(context.get(), (certificate + ".key").c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context.get()));
    SSL_set_fd(ssl_.get(), plain_.descriptor());
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  bool connected() const { return connected_; }

  bool send(std::string_view bytes) {
    std::size_t sent = 0;
    return SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) == 1 && sent == bytes.size();
  }

  /// Says that nothing more comes, and closes.
  void close() {
    SSL_shutdown(ssl_.get());
    plain_.close();
  }

  /// The subject of the server's certificate.
  std::string server() const {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl_.get()), &X509_free);
    char name[256] = {};
    if (certificate) X509_NAME_oneline(X509_get_subject_name(certificate.get()), name, sizeof name);
    return name;
  }

  bool is_closed() {
    char byte = 0;
    std::size_t got = 0;
    return SSL_read_ex(ssl_.get(), &byte, 1, &got) == 0;
  }

 private:
  SyslogClient plain_;
  Ssl ssl_;
  bool connected_ = false;
};

class SyslogTls : public SyslogFixture {
 protected:
  void SetUp() override {
    if (!towl::test::make_certificate(folder_.path(), "server")) GTEST_SKIP() << "there is no openssl(1)";
  }

  SyslogInputConfig config(const std::string& client_ca = "") const {
    return {.listen = "tls://127.0.0.1:0",
            .tls = TlsConfig{.cert = folder_ / "server.pem", .key = folder_ / "server.key", .client_ca = client_ca}};
  }
};

TEST_F(SyslogTls, MessagesOfAnyLengthArriveWhole) {
  start(config());
  EXPECT_THAT(input_->addresses().front(), HasSubstr("tls://"));
  TlsClient client(port());
  ASSERT_TRUE(client.connected());
  std::vector<std::string> expected;
  for (const std::size_t bytes : {1u, 100u, 16'384u, 500'000u}) {
    expected.emplace_back(bytes, 'x');
    ASSERT_TRUE(client.send("<13>app: " + expected.back() + "\n"));
  }
  ASSERT_TRUE(client.send("12 <13>app: one13 <13>app: half"));
  client.close();
  expected.insert(expected.end(), {"one", "half"});
  ASSERT_TRUE(is_stored(expected.size()));
  EXPECT_EQ(texts(), expected);
}

TEST_F(SyslogTls, AClientCertificateIsAskedForWhereItIsConfigured) {
  ASSERT_TRUE(towl::test::make_certificate(folder_.path(), "client"));
  ASSERT_TRUE(towl::test::make_certificate(folder_.path(), "stranger"));
  start(config(folder_ / "client.pem"));
  TlsClient good(port(), folder_ / "client");
  ASSERT_TRUE(good.send("<13>app: known\n"));
  for (const std::string& certificate : {std::string(), (folder_ / "stranger").string()}) {
    // In TLS 1.3 the client only hears of it when it reads.
    TlsClient bad(port(), certificate);
    bad.send("<13>app: unknown\n");
    EXPECT_TRUE(bad.is_closed());
  }
  ASSERT_TRUE(is_stored(1));
  stop();
  EXPECT_THAT(texts(), ElementsAre("known"));
}

TEST_F(SyslogTls, CertificatesAreReadAgainAndBadOnesRefused) {
  start(config());
  TlsClient before(port());
  EXPECT_THAT(before.server(), HasSubstr("CN=server"));
  ASSERT_TRUE(towl::test::make_certificate(folder_.path(), "renewed"));
  std::filesystem::rename(folder_ / "renewed.pem", folder_ / "server.pem");
  const auto mismatched = input_->reload();
  ASSERT_FALSE(mismatched);
  EXPECT_THAT(mismatched.error().to_string(), HasSubstr("server.key"));
  EXPECT_THAT(TlsClient(port()).server(), HasSubstr("CN=server"));
  std::filesystem::rename(folder_ / "renewed.key", folder_ / "server.key");
  ASSERT_TRUE(input_->reload());
  EXPECT_TRUE(eventually([&] { return TlsClient(port()).server().find("CN=renewed") != std::string::npos; }));
  // Connections go on.
  ASSERT_TRUE(before.send("<13>app: still here\n"));
  EXPECT_TRUE(is_stored(1));
}

TEST_F(SyslogTls, APlainClientIsTurnedAwayAndDisturbsNobody) {
  start(config());
  SyslogClient plain(port());
  ASSERT_TRUE(plain.send("<13>app: in the clear\n"));
  EXPECT_TRUE(eventually([&] { return count("accepted") == 1 && count("connections") == 0; }));
  TlsClient client(port());
  ASSERT_TRUE(client.send("<13>app: x\n"));
  ASSERT_TRUE(is_stored(1));
  EXPECT_THAT(texts(), ElementsAre("x"));
}

TEST_F(SyslogTls, FilesThatCannotBeUsedAreClearErrors) {
  auto wrong = config();
  wrong.tls->cert = folder_ / "missing.pem";
  auto refused = SyslogInput::start(wrong, context_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("missing.pem"));
  wrong = config();
  std::ofstream(folder_ / "broken.pem") << "nonsense";
  wrong.tls->client_ca = folder_ / "broken.pem";
  refused = SyslogInput::start(wrong, context_);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().to_string(), HasSubstr("tls.client_ca"));
}

}  // namespace
}  // namespace towld

// Certificates that are made and read: what doors accept, and what happens if the files change later.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>

#include <fstream>

#include "support/certificates.hpp"
#include "support/temp_folder.hpp"
#include "tls/live_tls.hpp"
#include "tls/make_certificates.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using towl::test::TempFolder;

class TlsFiles : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name) << text; }
  TlsConfig config() const { return {.cert = folder_ / "server.pem", .key = folder_ / "server.key"}; }
  /// Makes a pair for `name`, signed by ca_.
  void make(const std::string& name) {
    const auto made = make_server_certificate(ca_, {name});
    ASSERT_TRUE(made) << made.error().to_string();
    made_ = *made;
  }

  TempFolder folder_;
  MadeCertificate ca_ = *make_ca("towl test");
  MadeCertificate made_;
};

TEST_F(TlsFiles, WhatIsMadeCanBeUsedAndIsVerifiedByItsNames) {
  const auto made = make_server_certificate(ca_, {"logs.example.org", "10.0.0.7", "::1", "localhost"});
  ASSERT_TRUE(made) << made.error().to_string();
  write("ca.pem", ca_.certificate);
  write("server.pem", made->certificate);
  write("server.key", made->key);
  EXPECT_TRUE(TlsContext::load(config()));
  if (towl::test::run({"openssl", "version"}).code != 0) GTEST_SKIP() << "there is no openssl(1)";
  const auto verify = [&](const std::string& option, const std::string& name) {
    return towl::test::run({"openssl", "verify", "-x509_strict", "-purpose", "sslserver", option, name, "-CAfile",
                            folder_ / "ca.pem", folder_ / "server.pem"})
        .code;
  };
  EXPECT_EQ(verify("-verify_hostname", "logs.example.org"), 0);
  EXPECT_EQ(verify("-verify_hostname", "localhost"), 0);
  EXPECT_EQ(verify("-verify_ip", "10.0.0.7"), 0);
  EXPECT_EQ(verify("-verify_ip", "::1"), 0);
  EXPECT_NE(verify("-verify_hostname", "example.org"), 0);
  EXPECT_NE(verify("-verify_ip", "10.0.0.8"), 0);
}

TEST_F(TlsFiles, NamesThatAreNoneAreRefused) {
  for (const std::string wrong : {"", "a b", "a,DNS:b", "a\nb", "ä"}) {
    EXPECT_FALSE(make_server_certificate(ca_, {wrong})) << wrong;
  }
  EXPECT_FALSE(make_server_certificate(ca_, {}));
  EXPECT_FALSE(make_server_certificate({ca_.certificate, make_ca("another")->key}, {"localhost"}));
  EXPECT_FALSE(make_server_certificate({"nonsense", ca_.key}, {"localhost"}));
}

TEST_F(TlsFiles, AFingerprintIsThatOfOpenssl) {
  const auto print = fingerprint_of(ca_.certificate);
  ASSERT_TRUE(print);
  EXPECT_EQ(print->size(), 64u);
  EXPECT_FALSE(fingerprint_of("nonsense"));
  write("ca.pem", ca_.certificate);
  const auto shown =
      towl::test::run({"openssl", "x509", "-in", folder_ / "ca.pem", "-noout", "-fingerprint", "-sha256"});
  if (shown.code != 0) GTEST_SKIP() << "there is no openssl(1)";
  std::string digits;
  for (const char c : shown.out.substr(shown.out.find('=') + 1)) {
    if (std::isxdigit(static_cast<unsigned char>(c)) != 0) digits += static_cast<char>(std::tolower(c));
  }
  EXPECT_EQ(*print, digits);
}

TEST_F(TlsFiles, ChangedFilesAreTakenOnceTheyFit) {
  make("first");
  write("server.pem", made_.certificate);
  write("server.key", made_.key);
  const auto opened = LiveTls::open(config());
  ASSERT_TRUE(opened) << opened.error().to_string();
  LiveTls& tls = **opened;
  EXPECT_EQ(tls.version_number(), 1u);
  EXPECT_EQ(tls.reload().value(), false);
  make("second");
  write("server.pem", made_.certificate);
  const auto half = tls.reload();
  ASSERT_FALSE(half);
  EXPECT_THAT(half.error().to_string(), HasSubstr("server.key"));
  EXPECT_EQ(tls.version_number(), 1u);
  write("server.key", made_.key);
  EXPECT_EQ(tls.reload().value(), true);
  EXPECT_EQ(tls.version_number(), 2u);
  EXPECT_EQ(tls.version().pem.cert, made_.certificate);
  std::filesystem::remove(folder_ / "server.pem");
  EXPECT_FALSE(tls.reload());
  EXPECT_EQ(tls.version_number(), 2u);
}

TEST_F(TlsFiles, WhatCannotBeUsedIsAClearError) {
  make("first");
  write("server.pem", made_.certificate);
  write("server.key", made_.key);
  write("bad", "nonsense");
  write("empty", "");
  write("large", std::string(2 << 20, 'x'));
  const auto error_of = [&](TlsConfig wrong) {
    const auto loaded = TlsContext::load(wrong);
    return loaded ? "no error" : loaded.error().to_string();
  };
  for (const char* file : {"bad", "empty", "large", "missing"}) {
    TlsConfig wrong = config();
    wrong.cert = folder_ / file;
    EXPECT_THAT(error_of(wrong), HasSubstr(file));
    wrong = config();
    wrong.key = folder_ / file;
    EXPECT_THAT(error_of(wrong), HasSubstr(file));
    wrong = config();
    wrong.client_ca = folder_ / file;
    EXPECT_THAT(error_of(wrong), HasSubstr(file));
  }
  // A chain that is cut within its second certificate.
  write("cut", made_.certificate.substr(0, made_.certificate.size() - 100));
  TlsConfig wrong = config();
  wrong.cert = folder_ / "cut";
  EXPECT_THAT(error_of(wrong), HasSubstr("cut"));
}

}  // namespace
}  // namespace towld

// The page as it is served: compressed or not, cached, and with a policy that allows only its own script.
#include "page/page.hpp"

#include <gmock/gmock.h>
#include <openssl/evp.h>

#include <array>
#include <string>

#include "http/http_routes.hpp"
#include "parse/gunzip.hpp"

namespace towld {
namespace {

using testing::HasSubstr;
using testing::Not;

HttpRequest request(std::string_view name = {}, std::string_view value = {}) {
  HttpRequest made;
  made.method = HttpMethod::get;
  made.path = "/";
  if (!name.empty()) made.add_header(name, value);
  return made;
}

std::string header_of(const HttpResponse& response, std::string_view name) {
  for (const auto& [known, value] : response.headers) {
    if (known == name) return value;
  }
  return {};
}

/// As a policy names it.
std::string hash_of(std::string_view text) {
  std::array<unsigned char, 32> digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  std::array<unsigned char, 48> base64{};
  EVP_EncodeBlock(base64.data(), digest.data(), static_cast<int>(digest.size()));
  return "'sha256-" + std::string(reinterpret_cast<const char*>(base64.data())) + "'";
}

std::string between(const std::string& text, const std::string& begin, const std::string& end) {
  const auto from = text.find(begin) + begin.size();
  return text.substr(from, text.find(end, from) - from);
}

TEST(Page, IsTheSameCompressedAndNot) {
  const auto compressed = page(request("accept-encoding", "br, gzip;q=0.8"));
  EXPECT_EQ(header_of(compressed, "Content-Encoding"), "gzip");
  EXPECT_LE(compressed.body.size(), 60U * 1024);
  const auto plain = page(request());
  EXPECT_EQ(header_of(plain, "Content-Encoding"), "");
  EXPECT_THAT(plain.body, HasSubstr("<!doctype html>"));
  const auto unpacked = gunzip(compressed.body, plain.body.size());
  ASSERT_TRUE(unpacked) << unpacked.error().to_string();
  EXPECT_EQ(*unpacked, plain.body);
  for (const char* refused : {"gzip;q=0", "br", "gzip;q=0.0, br", "xgzip"}) {
    EXPECT_EQ(header_of(page(request("Accept-Encoding", refused)), "Content-Encoding"), "") << refused;
  }
}

TEST(Page, AllowsItsOwnScriptAndStyleAlone) {
  const auto response = page(request());
  const std::string policy = header_of(response, "Content-Security-Policy");
  EXPECT_THAT(policy, HasSubstr("default-src 'none'"));
  EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  EXPECT_THAT(policy, HasSubstr(hash_of(between(response.body, "<script type=\"module\">", "</script>"))));
  EXPECT_THAT(policy, HasSubstr(hash_of(between(response.body, "<style>", "</style>"))));
}

TEST(Page, IsNotSentAgainToWhoHasIt) {
  const std::string tag = header_of(page(request()), "ETag");
  ASSERT_GT(tag.size(), 10U);
  for (const std::string& known : {tag, "W/" + tag, "\"other\", " + tag, std::string("*")}) {
    const auto response = page(request("If-None-Match", known));
    EXPECT_EQ(response.status, 304U) << known;
    EXPECT_EQ(response.body, "");
    EXPECT_EQ(header_of(response, "ETag"), tag);
  }
  EXPECT_EQ(page(request("If-None-Match", "\"other\"")).status, 200U);
}

// Otherwise nothing would be answered by 404 any more.
TEST(Page, StandsAtItsOwnPathAlone) {
  HttpRoutes routes;
  routes.add("/", {HttpMethod::get}, std::make_shared<HttpFunction>(page));
  EXPECT_NE(routes.find("/"), nullptr);
  EXPECT_EQ(routes.find("/nothing"), nullptr);
  EXPECT_EQ(routes.find("//"), nullptr);
}

}  // namespace
}  // namespace towld

// Which HTTP requests are accepted: tokens, the names of this host, scripts of other sites.
#include <openssl/evp.h>

#include "http/http_guard.hpp"

#include <gmock/gmock.h>

#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

std::string base64(const std::string& text) {
  std::string encoded(text.size() * 2 + 4, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(encoded.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  encoded.resize(static_cast<std::size_t>(size));
  return encoded;
}

class HttpGuardTest : public HttpFixture {
 protected:
  HttpGuardTest() {
    const auto answer = [](const HttpRequest& request) {
      return HttpResponse{.body = request.grant ? request.grant->name() : "nobody"};
    };
    const auto add = [&](const char* path, std::optional<Need> need) {
      routes_->add(path, {HttpMethod::get, HttpMethod::post}, std::make_shared<HttpFunction>(answer), need);
    };
    add("/open", std::nullopt);
    add("/read", Need::read);
    add("/admin", Need::admin);
    routes_->add("/usual", {HttpMethod::get}, std::make_shared<HttpFunction>(answer));
  }
  ~HttpGuardTest() override { stop(); }

  void use_tokens() {
    const TokenHasher hash;
    ASSERT_TRUE(write_token_records(folder_ / "tokens",
                                    {{.name = "reader", .scopes = {Scope::read}, .hash = hash(reader_)},
                                     {.name = "sender", .scopes = {Scope::ingest}, .hash = hash(sender_)}}));
    auto access = Access::open({folder_ / "tokens", {}}, [](const std::string&) {});
    ASSERT_TRUE(access) << access.error().to_string();
    guard_.access = *access;
  }

  towl::test::HttpAnswer get(const std::string& path, const std::string& header) {
    return client().ask("GET " + path + " HTTP/1.1\r\n" + header + "\r\n\r\n");
  }

  const std::string reader_ = *make_token();
  const std::string sender_ = *make_token();
};

TEST_F(HttpGuardTest, APathNeedsWhatItSaysAndReadIfItSaysNothing) {
  use_tokens();
  start();
  const std::string host = "Host: a\r\n";
  const std::string bearer = host + "Authorization: Bearer ";
  EXPECT_EQ(get("/open", host).body, "nobody");
  EXPECT_EQ(get("/read", bearer + reader_).body, "reader");
  EXPECT_EQ(get("/usual", bearer + reader_).body, "reader");
  EXPECT_EQ(get("/read", host + "authorization: bearer " + reader_).body, "reader");
  EXPECT_EQ(get("/read", host + "X-API-Key: " + reader_).body, "reader");
  // As clients of Loki and Elasticsearch send theirs.
  EXPECT_EQ(get("/read", host + "Authorization: Basic " + base64("anybody:" + reader_)).body, "reader");
  EXPECT_EQ(get("/read", host + "Authorization: ApiKey " + base64("id:" + reader_)).body, "reader");
  EXPECT_EQ(get("/read", host + "Authorization: apikey " + reader_).body, "reader");
  EXPECT_EQ(get("/read", host + "Authorization: Basic " + base64(reader_ + ":")).status, 401);
  EXPECT_EQ(get("/read", host + "Authorization: Basic " + base64("anybody")).status, 401);
  EXPECT_EQ(get("/read", bearer + sender_).status, 403);
  EXPECT_EQ(get("/usual", bearer + sender_).status, 403);
  EXPECT_EQ(get("/admin", bearer + reader_).status, 403);
  for (const std::string& bad :
       {host, bearer, bearer + "x", bearer + reader_ + "x", host + "Authorization: " + "Basic x", host + "X-API-Key: x",
        host + "Authorization: Basic x\r\nX-API-Key: " + reader_}) {
    const auto answer = get("/read", bad);
    EXPECT_EQ(answer.status, 401) << bad;
    EXPECT_THAT(answer.head, HasSubstr("WWW-Authenticate: Bearer"));
  }
  auto posting = client();
  EXPECT_EQ(posting.post("/ingest", "{\"message\":\"a\"}", "X-API-Key: " + sender_ + "\r\n").status, 202);
  EXPECT_EQ(posting.post("/ingest", "{\"message\":\"a\"}", "X-API-Key: " + reader_ + "\r\n").status, 403);
}

// The body of a refused request is not read into memory, and the next request is not looked for in it.
TEST_F(HttpGuardTest, ABodyWithoutATokenIsNotTaken) {
  use_tokens();
  start();
  auto refused = client();
  refused.send(
      "POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\nGET /open HTTP/1.1\r\nHost: a\r\n\r\n");
  const auto answer = refused.read();
  EXPECT_EQ(answer.status, 401);
  EXPECT_THAT(answer.head, HasSubstr("Connection: close"));
  EXPECT_EQ(refused.read().status, 0);
}

TEST_F(HttpGuardTest, TooManyBadTokensAreTurnedAwayGoodOnesNever) {
  use_tokens();
  start();
  int limited = 0;
  for (int i = 0; i < 100; ++i) limited += get("/read", "Host: a\r\nX-API-Key: x").status == 429 ? 1 : 0;
  EXPECT_GT(limited, 50);
  EXPECT_EQ(get("/read", "Host: a\r\nX-API-Key: " + reader_).status, 200);
}

// A page whose name was made to lead here says its own name.
TEST_F(HttpGuardTest, AHostThatThisOneIsNotCalledIsRefused) {
  guard_.host_names = {"localhost", "logs.example"};
  start();
  for (const char* known :
       {"localhost", "LOCALHOST:3037", "logs.example:1", "127.0.0.1", "127.0.0.1:3037", "[::1]:3037", "10.0.0.7"}) {
    EXPECT_EQ(get("/read", std::string("Host: ") + known).status, 200) << known;
  }
  for (const char* other : {"evil.example", "localhost.evil.example", "evil.example:3037", "127.0.0.1.evil.example",
                            "[", "[::1", "evil.example\r\nHost: localhost"}) {
    const auto answer = get("/read", std::string("Host: ") + other);
    EXPECT_TRUE(answer.status == 421 || answer.status == 400) << other << " " << answer.status;
  }
}

TEST_F(HttpGuardTest, OtherSitesMayNotAskThroughABrowser) {
  start();
  EXPECT_EQ(get("/read", "Host: localhost:1\r\nOrigin: http://localhost:1").status, 200);
  for (const char* origin : {"https://evil.example", "null", "http://localhost:2"}) {
    EXPECT_EQ(get("/read", std::string("Host: localhost:1\r\nOrigin: ") + origin).status, 403) << origin;
  }
}

}  // namespace
}  // namespace towld

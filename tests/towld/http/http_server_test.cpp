// The HTTP server against slow, many, wrong or hostile clients: it answers clearly, ends what takes too long, and goes
// on serving others.
#include "http/http_server.hpp"

#include <sys/resource.h>

#include <gmock/gmock.h>

#include <atomic>
#include <random>
#include <thread>

#include "http/url.hpp"
#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr std::string_view kGet = "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n";

/// Answers on a thread of its own, when it is told to.
class LateHandler final : public HttpHandler {
 public:
  void handle(HttpRequest&, HttpResponder respond) override {
    std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(respond));
    ++count;
  }
  void answer() {
    std::lock_guard lock(mutex_);
    for (const auto& respond : waiting_) respond({.body = "late"});
    waiting_.clear();
  }
  std::atomic<int> count = 0;

 private:
  std::mutex mutex_;
  std::vector<HttpResponder> waiting_;
};

class HttpServerTest : public HttpFixture {
 protected:
  HttpServerTest() {
    routes_->add("/echo", {HttpMethod::get, HttpMethod::post},
                 std::make_shared<HttpFunction>([](const HttpRequest& request) {
                   return HttpResponse{.body = request.path + "|" + request.query + "|" + request.body};
                 }));
    routes_->add("/late", {HttpMethod::get}, late_);
    routes_->add("/below/", {HttpMethod::get}, std::make_shared<HttpFunction>([](const HttpRequest& request) {
                   return HttpResponse{.body = request.path};
                 }));
  }

  bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > end) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }

  std::shared_ptr<LateHandler> late_ = std::make_shared<LateHandler>();
};

TEST_F(HttpServerTest, PathsFindTheirHandlers) {
  start();
  auto client = this->client();
  EXPECT_EQ(client.get("/echo?a=b&c").body, "/echo|a=b&c|");
  EXPECT_EQ(client.get("/e%63ho").body, "/echo||");
  EXPECT_EQ(client.get("http://towld/echo?x").body, "/echo|x|");
  EXPECT_EQ(client.get("/below/7").body, "/below/7");
  EXPECT_EQ(client.get("/below/").status, 200);
  const auto nothing = client.get("/nothing");
  EXPECT_EQ(nothing.status, 404);
  EXPECT_THAT(nothing.body, HasSubstr(R"({"error":")"));
  EXPECT_TRUE(nothing.has("Content-Type: application/json"));
  const auto wrong = client.get("/ingest");
  EXPECT_EQ(wrong.status, 405);
  EXPECT_TRUE(wrong.has("Allow: POST"));
  EXPECT_TRUE(wrong.has("Date: "));
  EXPECT_EQ(client.get("/broken%zz").status, 400);
}

TEST_F(HttpServerTest, HeadIsGetWithoutTheBody) {
  start();
  auto client = this->client();
  client.expect_no_bodies();
  const auto answer = client.ask("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("Content-Length: 7"));
  EXPECT_EQ(client.ask("HEAD /echo HTTP/1.1\r\nHost: a\r\n\r\n").status, 200);
}

TEST_F(HttpServerTest, RequestsSentAheadAreAnsweredInTheirOrder) {
  start();
  auto client = this->client();
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += "POST /echo?" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc";
    if (i % 10 == 0) requests += "GET /late HTTP/1.1\r\nHost: a\r\n\r\n";
  }
  client.send(requests);
  for (int i = 0; i < 200; ++i) {
    EXPECT_EQ(client.read().body, "/echo|" + std::to_string(i) + "|abc");
    if (i % 10 != 0) continue;
    ASSERT_TRUE(eventually([&] { return late_->count == i / 10 + 1; }));
    late_->answer();
    EXPECT_EQ(client.read().body, "late");
  }
}

TEST_F(HttpServerTest, ARequestMayArriveInAnyPieces) {
  start();
  auto client = this->client();
  const std::string request =
      "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3;x=\"y\"\r\nabc\r\n1\r\nd\r\n0\r\nT: "
      "t\r\n\r\n";
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    client.send(std::string_view(request).substr(0, cut));
    // The pieces must not be joined on their way.
    EXPECT_EQ(this->client().get("/echo").status, 200);
    EXPECT_EQ(client.ask(std::string_view(request).substr(cut)).body, "/echo||abcd") << cut;
  }
}

TEST_F(HttpServerTest, TheConnectionIsKeptOrClosedAsTheClientSays) {
  start();
  auto keeps = client();
  EXPECT_TRUE(keeps.ask(kGet).has("Connection: keep-alive"));
  EXPECT_EQ(keeps.ask("GET /echo HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").status, 200);
  EXPECT_EQ(keeps.ask(kGet).status, 200);
  auto closes = client();
  EXPECT_TRUE(closes.ask("GET /echo HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").has("Connection: close"));
  EXPECT_TRUE(closes.is_closed());
  auto old = client();
  EXPECT_EQ(old.ask("GET /echo HTTP/1.0\r\n\r\n").status, 200);
  EXPECT_TRUE(old.is_closed());
}

TEST_F(HttpServerTest, AClientThatEndsItsOutputIsStillAnswered) {
  start();
  auto client = this->client();
  client.send(std::string(kGet) + std::string(kGet));
  client.end_output();
  EXPECT_EQ(client.read().status, 200);
  EXPECT_EQ(client.read().status, 200);
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, ExpectContinueIsAnsweredBeforeTheBody) {
  start();
  auto client = this->client();
  const std::string head = "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
  EXPECT_EQ(client.ask(head).status, 100);
  EXPECT_EQ(client.ask("abc").body, "/echo||abc");
  // A client that sends the body at once needs no 100 Continue.
  EXPECT_EQ(client.ask(head + "abc").body, "/echo||abc");
  auto large = this->client();
  EXPECT_EQ(
      large.ask("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 99999999\r\n\r\n").status,
      413);
  auto lost = this->client();
  EXPECT_EQ(lost.ask("POST /no HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n").status, 404);
  auto odd = this->client();
  EXPECT_EQ(odd.ask("POST /echo HTTP/1.1\r\nHost: a\r\nExpect: miracles\r\nContent-Length: 3\r\n\r\n").status, 417);
}

TEST_F(HttpServerTest, WhatIsNotHttpIsRefusedAndTheConnectionClosed) {
  start();
  const std::pair<std::string, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET /echo HTTP/9.9\r\n\r\n", 505},
      {"GET /echo HTTP/1.1\r\nno colon\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc", 400},
      {"GET /echo HTTP/1.1\r\nHost : a\r\n\r\n", 400},
      {"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 a TLS hello \r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
      {"POST /echo HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\nabc", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\nabc", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n-3\r\nabc\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffffffff\r\nabc\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n", 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nabc\r\n", 413},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(20'000, 'x'), 400},
      {"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=" + std::string(300, 'x') +
           "\r\na\r\n0\r\n\r\n",
       400},
      {"GET /echo HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET /echo HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", 400},
      {"POST /echo HTTP/1.1\r\nContent-Length: 4194305\r\n\r\nabc", 413},
      {"GET /" + std::string(9000, 'a') + " HTTP/1.1\r\n\r\n", 431},
      {"GET /echo HTTP/1.1\r\nX: " + std::string(9000, 'a') + "\r\n\r\n", 431},
      {"GET /echo HTTP/1.1\r\nX: " + std::string(100'000, 'a'), 431},
  };
  for (const auto& [request, status] : cases) {
    SCOPED_TRACE(request.substr(0, 100));
    auto client = this->client();
    client.send(request);
    EXPECT_EQ(client.read().status, status);
    EXPECT_TRUE(client.is_closed());
  }
  EXPECT_EQ(client().ask(kGet).status, 200);
}

TEST_F(HttpServerTest, ALargeBodyIsReadInManyPieces) {
  start();
  auto client = this->client();
  const std::string body(4 << 20, 'x');
  EXPECT_EQ(client.post("/echo", body).body.size(), body.size() + 7);
  std::string chunked = "POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 5000; ++i) chunked += "a\r\n0123456789\r\n";
  EXPECT_EQ(client.ask(chunked + "0\r\n\r\n").body.size(), 50'007u);
}

// The last piece of a body is read in one turn with others, and its answer does not fit the connection's buffers.
TEST_F(HttpServerTest, AnAnswerThatMustWaitIsWrittenWhole) {
  start();
  const std::string body(4 << 20, 'x');
  for (int i = 0; i < 20; ++i) {
    auto client = this->client();
    EXPECT_EQ(client.post("/echo", body).body.size(), body.size() + 7);
    EXPECT_EQ(client.get("/echo").status, 200);
  }
}

TEST_F(HttpServerTest, SlowHeadersBodiesAndIdleConnectionsEnd) {
  start({.header_time = 200ms, .body_time = 200ms, .idle_time = 100ms, .linger_time = 50ms});
  auto idle = client();
  auto header = client();
  header.send("GET /echo HTTP/1.1\r\nHost:");
  auto body = client();
  body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_TRUE(idle.is_closed());
  EXPECT_EQ(header.read().status, 408);
  EXPECT_TRUE(header.is_closed());
  EXPECT_EQ(body.read().status, 408);
  EXPECT_TRUE(body.is_closed());
  EXPECT_TRUE(eventually([&] { return server_->counters().open == 0; }));
  EXPECT_EQ(server_->counters().timed_out, 3u);
}

// One byte now and then must not keep a connection: the time is that of the whole header.
TEST_F(HttpServerTest, BytesThatTrickleInDoNotBuyTime) {
  start({.header_time = 300ms, .body_time = 300ms, .linger_time = 50ms});
  auto header = client();
  auto body = client();
  body.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
  const auto begin = std::chrono::steady_clock::now();
  std::jthread trickle([&] {
    while (header.send("G") && body.send("x") && std::chrono::steady_clock::now() < begin + 10s) {
      std::this_thread::sleep_for(20ms);
    }
  });
  EXPECT_EQ(header.read().status, 408);
  EXPECT_EQ(body.read().status, 408);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 8s);
}

TEST_F(HttpServerTest, AnAnswerThatIsNotTakenEnds) {
  routes_->add("/large", {HttpMethod::get}, std::make_shared<HttpFunction>([](const HttpRequest&) {
                 return HttpResponse{.body = std::string(32 << 20, 'x')};
               }));
  start({.write_time = 1s});  // The good client of a busy machine must not stop for so long.
  auto client = this->client();
  client.send("GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return server_->counters().timed_out == 1; }));
  auto good = this->client();
  EXPECT_EQ(good.get("/large").body.size(), std::size_t{32} << 20);
}

TEST_F(HttpServerTest, ConnectionsAboveTheLimitAreToldSo) {
  start({.connections = 3});
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(client());
    EXPECT_EQ(clients.back().ask(kGet).status, 200);
  }
  auto refused = client();
  const auto answer = refused.read();
  EXPECT_EQ(answer.status, 503);
  EXPECT_TRUE(answer.has("Retry-After: "));
  EXPECT_TRUE(refused.is_closed());
  EXPECT_EQ(clients.front().ask(kGet).status, 200);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server_->counters().open <= 1; }));
  EXPECT_TRUE(eventually([&] { return client().ask(kGet).status == 200; }));
}

TEST_F(HttpServerTest, OnePeerHasItsShareOfConnectionsAlone) {
  start({.connections = 8, .connections_of_peer = 3});
  std::vector<Client> mine;
  for (int i = 0; i < 3; ++i) {
    mine.push_back(client());
    EXPECT_EQ(mine.back().ask(kGet).status, 200);
  }
  auto refused = client();
  EXPECT_EQ(refused.read().status, 503);
  EXPECT_EQ((*reached_)[Limit::peer_percent], 1u);
  EXPECT_EQ((*reached_)[Limit::http_connections], 0u);
  mine.pop_back();
  // What was refused and lingers counts for nobody.
  EXPECT_TRUE(eventually([&] { return client().ask(kGet).status == 200; }));
}

TEST_F(HttpServerTest, TooManyLargeBodiesAtOnceAreRefusedAndSmallOnesAreNot) {
  start({.all_bodies_bytes = 1 << 20});
  std::vector<Client> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(client());
    clients.back().send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
                        std::string(300'000, 'x'));
  }
  ASSERT_TRUE(eventually([&] { return server_->counters().bytes_read >= 900'000; }));
  auto refused = client();
  refused.send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" + std::string(300'000, 'x'));
  EXPECT_EQ(refused.read().status, 503);
  EXPECT_EQ(client().post("/echo", std::string(4000, 'x')).status, 200);
}

TEST_F(HttpServerTest, ThousandsOfIdleConnectionsDoNotKeepAGoodClientOut) {
  constexpr std::size_t kIdle = 2000;
  rlimit files{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &files), 0);
  if (files.rlim_cur < 2 * kIdle + 200) {
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 2 * kIdle + 200);
    ::setrlimit(RLIMIT_NOFILE, &files);
  }
  if (files.rlim_cur < 2 * kIdle + 200) GTEST_SKIP() << "not enough file descriptors may be opened here";
  start();
  std::vector<Client> idle;
  for (std::size_t i = 0; i < kIdle; ++i) {
    idle.push_back(client());
    if (i % 2 == 0) idle.back().send("POST /ingest HTTP/1.1\r\nHos");
  }
  auto good = client();
  for (int i = 0; i < 500; ++i) EXPECT_EQ(good.post("/ingest", R"({"message":"a"})").status, 202);
  EXPECT_TRUE(eventually([&] { return server_->counters().open == kIdle + 1; }));
}

TEST_F(HttpServerTest, StoppingAnswersWhatIsInWorkAndClosesTheRest) {
  start();
  auto idle = client();
  EXPECT_EQ(idle.ask(kGet).status, 200);
  auto working = client();
  working.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return late_->count == 1; }));
  std::jthread stopper([&] { server_->stop(10s); });
  EXPECT_TRUE(idle.is_closed());
  late_->answer();
  EXPECT_EQ(working.read().body, "late");
  EXPECT_TRUE(working.is_closed());
}

TEST_F(HttpServerTest, WhoNeverAnswersDoesNotKeepTheServerFromStopping) {
  start();
  auto client = this->client();
  client.send("GET /late HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return late_->count == 1; }));
  server_->stop(50ms);
  late_->answer();
  EXPECT_TRUE(client.is_closed());
}

TEST_F(HttpServerTest, AnAddressThatIsTakenOrWrongIsAnError) {
  start();
  for (const std::string& address : {server_->address(), std::string("nonsense"), std::string("127.0.0.1:"),
                                     std::string("127.0.0.1:http"), std::string("192.0.2.1:0"), std::string(":1")}) {
    EXPECT_FALSE(HttpServer::listen(address, {.routes = routes_, .loop = HttpLoop::start(), .log = log()})) << address;
  }
}

// Bytes of any kind, cut anywhere: the server answers or closes, and serves the next one.
TEST_F(HttpServerTest, NoBytesEndTheServer) {
  start({.header_time = 2s, .body_time = 2s});
  std::mt19937 random(20261121);
  const std::string good =
      "POST /ingest HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
      "5\r\n\x1f\x8b\x08z{\r\n0\r\n\r\nGET /echo?%41=b HTTP/1.1\r\nConnection: close\r\n\r\n";
  for (int i = 0; i < 500; ++i) {
    std::string bytes = good;
    for (auto changes = random() % 4; changes > 0; --changes)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    bytes.resize(bytes.size() - random() % 40);
    auto client = this->client();
    client.send(bytes);
    client.end_output();
    while (client.read().status != 0) {
    }
  }
  EXPECT_EQ(client().ask(kGet).status, 200);
}

TEST(Url, EscapesAndQueriesAreDecoded) {
  EXPECT_EQ(decode_url("a%20b+c", false), "a b+c");
  EXPECT_EQ(decode_url("a%20b+c", true), "a b c");
  EXPECT_EQ(decode_url("%4", false), std::nullopt);
  EXPECT_EQ(decode_url("%+1", false), std::nullopt);
  const auto query = parse_query("a=1&b=x%26y&&c&a=2");
  ASSERT_TRUE(query);
  EXPECT_EQ(*query, (std::map<std::string, std::string>{{"a", "2"}, {"b", "x&y"}, {"c", ""}}));
  EXPECT_EQ(parse_query("a=%"), std::nullopt);
}

// A client that sends all before it reads still gets its answer, not a broken pipe.
TEST_F(HttpServerTest, WhoSendsTooMuchBeforeReadingIsToldSo) {
  start();
  for (const std::string& framing : {std::string("Content-Length: 33554432\r\n\r\n"),
                                     std::string("Transfer-Encoding: chunked\r\n\r\n2000000\r\n")}) {
    auto client = this->client();
    ASSERT_TRUE(client.send("POST /echo HTTP/1.1\r\nHost: a\r\n" + framing));
    const std::string piece(std::size_t{1} << 20, 'x');
    for (int i = 0; i < 32; ++i) ASSERT_TRUE(client.send(piece)) << i;
    EXPECT_EQ(client.read().status, 413);
  }
}

}  // namespace
}  // namespace towld

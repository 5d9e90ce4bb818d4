// POST /ingest: what clients send is stored, all of a request or nothing.
#include <zlib.h>

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <thread>

#include "parse/gunzip.hpp"
#include "parse/json_split.hpp"
#include "parse/make_parsers.hpp"
#include "parse/parser_type.hpp"
#include "towld/http/http_fixture.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string gzip(std::string_view text) {
  std::string out(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(out.size() - stream.avail_out);
  deflateEnd(&stream);
  return out;
}

class HttpIngest : public HttpFixture {
 protected:
  /// Keeps the writer busy until `until` is set.
  void block_writer(std::promise<void>& until) {
    std::promise<void> begun;
    ASSERT_TRUE(ingest_->run([&begun, &until](towl::StoreWriter&) -> std::function<void()> {
      auto blocked = until.get_future();
      begun.set_value();
      blocked.wait();
      return [] {};
    }));
    begun.get_future().wait();
  }
};

TEST_F(HttpIngest, OneObjectIsStored) {
  start();
  auto client = this->client();
  const auto answer =
      client.post("/ingest", R"({"message":"hello","host":"web-1"})", "Content-Type: application/json\r\n");
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, R"({"accepted":1})");
  EXPECT_THAT(stored(), ElementsAre("web-1 hello"));
}

TEST_F(HttpIngest, ArraysAndLinesAreStoredInTheirOrder) {
  start();
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", R"( [ {"message":"a"}, {"message":"b", "x":"]"} ] )").body, R"({"accepted":2})");
  EXPECT_EQ(client.post("/ingest", "{\"message\":\"c\"}\n{\"message\":\"d\"}\n").body, R"({"accepted":2})");
  EXPECT_EQ(client.post("/ingest", "{\"message\":\"e\"} {\"message\":\"f\"}{\n\"message\":\n\"g\"}").body,
            R"({"accepted":3})");
  EXPECT_EQ(client.post("/ingest", "[]").body, R"({"accepted":0})");
  EXPECT_THAT(stored(), ElementsAre("127.0.0.1 a", R"(127.0.0.1 {"MESSAGE":"b","x":"]"})", "127.0.0.1 c", "127.0.0.1 d",
                                    "127.0.0.1 e", "127.0.0.1 f", "127.0.0.1 g"));
}

TEST_F(HttpIngest, AStrictRequestWithABadEntryStoresNothingAndNamesIt) {
  start();
  auto client = this->client();
  const auto refused = [&](std::string_view body) {
    const auto answer = client.post("/ingest?strict=1", body);
    EXPECT_EQ(answer.status, 400) << body;
    return answer.body;
  };
  EXPECT_THAT(refused("{\"message\":\"a\"}\n{\"message\":\"b\"}\n{\"message\":}\n"), HasSubstr("entry 3: "));
  EXPECT_THAT(refused(R"([{"message":"a"},5])"), HasSubstr("entry 2: not a JSON object"));
  EXPECT_THAT(refused(R"([{"message":"a"} {"message":"b"}])"), HasSubstr("entry 2: neither"));
  EXPECT_THAT(refused(R"([{"message":"a"}])"
                      "x"),
              HasSubstr("entry 2: something follows"));
  EXPECT_THAT(refused(R"([{"message":"a"},)"), HasSubstr("entry 2: "));
  EXPECT_THAT(refused(R"([{"message":"a"})"), HasSubstr("entry 2: the array has no end"));
  EXPECT_THAT(refused(R"({"message":"a")"), HasSubstr("entry 1: "));
  EXPECT_THAT(refused("hello"), HasSubstr("entry 1: not a JSON object"));
  EXPECT_THAT(refused(R"([,{"message":"a"}])"), HasSubstr("entry 1: "));
  EXPECT_THAT(refused(R"([{"message":"a"},])"), HasSubstr("entry 2: "));
  EXPECT_THAT(refused(""), HasSubstr("no entries"));
  EXPECT_THAT(refused("  \n"), HasSubstr("no entries"));
  EXPECT_THAT(refused("{\"message\":\"a\",\"b\":\"\xff\"}"), HasSubstr("entry 1: "));
  // All of a refused request are counted.
  const std::uint64_t before = counters_->rejected;
  EXPECT_GT(before, 0U);
  refused("{\"message\":\"a\"}\n{\"message\":\"caf\xe9\"}\n{\"message\":\"c\"}\n");
  EXPECT_EQ(counters_->rejected, before + 3);
  EXPECT_EQ(client.post("/ingest", R"({"message":"good"})").status, 202);
  EXPECT_THAT(stored(), ElementsAre("127.0.0.1 good"));
  EXPECT_EQ(counters_->received, counters_->rejected + counters_->stored);
}

TEST_F(HttpIngest, ABadEntryIsStoredAsItCameAndTheOthersAsUsual) {
  start();
  auto client = this->client();
  const auto answer_of = [&](std::string_view body) {
    const auto answer = client.post("/ingest", body);
    EXPECT_EQ(answer.status, 202) << body;
    return answer.body;
  };
  EXPECT_EQ(answer_of("{\"message\":\"a\"}\n{\"message\":}\n{\"message\":\"b\"}\n"), R"({"accepted":2,"marked":1})");
  EXPECT_EQ(answer_of("{\"message\":\"c\"}\n{\"message\":\"caf\xe9\"}"), R"({"accepted":1,"marked":1})");
  EXPECT_EQ(answer_of("plain text\n{\"message\":\"d\"}\n{\"message\":\"cut"), R"({"accepted":1,"marked":2})");
  EXPECT_EQ(answer_of(R"([{"message":"e"}, 5, "x,]y", [1,{}], {"message":"f"}])"), R"({"accepted":2,"marked":3})");
  EXPECT_EQ(answer_of(R"([{"message":"g"} {"message":"h"}])"), R"({"accepted":1,"marked":1})");
  EXPECT_EQ(answer_of(R"([{"message":"i"},])"), R"({"accepted":1})");
  EXPECT_EQ(answer_of(R"([{"message":"j"},{"message":"k)"), R"({"accepted":1,"marked":1})");
  EXPECT_THAT(
      stored(),
      ElementsAre(
          "127.0.0.1 a", R"(127.0.0.1 {"MESSAGE":"{\"message\":}","TOWL_UNPARSED":"http"})", "127.0.0.1 b",
          "127.0.0.1 c",
          R"(127.0.0.1 {"MESSAGE":[123,34,109,101,115,115,97,103,101,34,58,34,99,97,102,233,34,125],"TOWL_UNPARSED":"http"})",
          R"(127.0.0.1 {"MESSAGE":"plain text","TOWL_UNPARSED":"http"})", "127.0.0.1 d",
          R"(127.0.0.1 {"MESSAGE":"{\"message\":\"cut","TOWL_UNPARSED":"http"})", "127.0.0.1 e",
          R"(127.0.0.1 {"MESSAGE":"5","TOWL_UNPARSED":"http"})",
          R"(127.0.0.1 {"MESSAGE":"\"x,]y\"","TOWL_UNPARSED":"http"})",
          R"(127.0.0.1 {"MESSAGE":"[1,{}]","TOWL_UNPARSED":"http"})", "127.0.0.1 f", "127.0.0.1 g",
          R"(127.0.0.1 {"MESSAGE":"{\"message\":\"h\"}]","TOWL_UNPARSED":"http"})", "127.0.0.1 i", "127.0.0.1 j",
          R"(127.0.0.1 {"MESSAGE":"{\"message\":\"k","TOWL_UNPARSED":"http"})"));
  EXPECT_EQ(counters_->rejected, 0U);
  EXPECT_EQ(counters_->parse_failures, 9U);
  EXPECT_EQ(counters_->received, counters_->stored);
}

TEST_F(HttpIngest, ARequestOfWhichNothingCanBeReadIsRefused) {
  start();
  auto client = this->client();
  for (const char* body : {"hello", "<html>\n<body>", "[1,2]", R"({"message":"a")"}) {
    EXPECT_EQ(client.post("/ingest", body).status, 400) << body;
  }
  EXPECT_THAT(stored(), IsEmpty());
  EXPECT_EQ(counters_->rejected, 6U);
}

TEST_F(HttpIngest, WhatIsRejectedIsKeptWithItsReason) {
  start();
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", "hello").status, 400);
  EXPECT_EQ(client.post("/ingest?strict=1", "{\"message\":\"a\"}\n{\"message\":}\n").status, 400);
  EXPECT_EQ(client.post("/ingest", "not gzip", "Content-Encoding: gzip\r\n").status, 400);
  EXPECT_THAT(stored(), IsEmpty());
  const auto rejected = towl::Store::open(folder_.path() / kRejectedFolder);
  ASSERT_TRUE(rejected) << rejected.error().to_string();
  const auto letters = towl::test::read_all(*rejected);
  ASSERT_EQ(letters.size(), 3u);
  EXPECT_EQ(letters[0].sender, "127.0.0.1");
  EXPECT_THAT(letters[0].log_entry,
              HasSubstr(R"({"MESSAGE":"hello","TOWL_REJECTED":"entry 1: not a JSON object","TOWL_INPUT":"http"})"));
  EXPECT_THAT(letters[1].log_entry, HasSubstr("entry 2: "));
  EXPECT_THAT(letters[2].log_entry, HasSubstr("not gzip"));
}

/// The lines of LinesOfEverybody, and what odd ones may look like.
const std::vector<std::string>& lines() {
  static const std::vector<std::string> kLines = {
      R"({"message":"m","level":"warn","timestamp":1700000000,"host":"web-1","extra":{"a":[1,2]}})",
      R"({"@timestamp":"2024-10-16T09:00:00.123+0200","log.level":"error","message":"ecs","host":{"name":"a"}})",
      R"({"time":"2024-10-16 09:00:00,123","msg":"python","levelname":"CRITICAL"})",
      R"({"t":{"$date":"2024-10-16T09:00:00.123+00:00"},"s":"E","msg":"mongod"})",
      R"({"log":"docker\n","stream":"stdout","time":"2024-10-16T09:00:00.000000001Z"})",
      R"({"level":30,"time":1700000000000,"hostname":"pino","msg":"m","pid":1})",
      R"({"msg":"odd","id":123456789012345678901234567890,"v":1e999,"ua":"x \ud83d","a":1,"a":2})",
      R"({"MESSAGE":[104,105,255],"PRIORITY":"3","_HOSTNAME":"j","__REALTIME_TIMESTAMP":"1700000000000000"})",
      R"({"message":{"a":1},"time":"noon"})",
      R"({"a":"b"})",
      R"({"message":null})",
      R"({"message":"alone"})",
      R"({})",
  };
  return kLines;
}

/// What a tailed file with `parsers: [json]` stores of a line.
std::string tailed(const std::string& line) {
  Draft draft;
  draft.text = line;
  draft.sender = "127.0.0.1";
  draft.received = 1;
  const ParserConfig config{.type = "json", .settings = Settings::of(FieldSettings{})};
  const auto parsers = make_parsers({&config, 1});
  std::atomic<std::uint64_t> failures = 0;
  parsers->apply(draft, failures);
  EXPECT_EQ(failures, 0U) << line;
  std::string stored = draft.sender + " ";
  encode_draft(draft, stored);
  return stored;
}

TEST_F(HttpIngest, ALineBecomesTheSameEntryAsInATailedFile) {
  start();
  auto client = this->client();
  std::vector<std::string> expected;
  for (const std::string& line : lines()) {
    EXPECT_EQ(client.post("/ingest", line).status, 202) << line;
    expected.push_back(tailed(line));
  }
  EXPECT_EQ(stored(), expected);
  EXPECT_EQ(counters_->time_failures, 1U);
}

TEST_F(HttpIngest, OddMembersDegradeAlone) {
  start();
  auto client = this->client();
  const std::string line =
      R"({"msg":"m","level":"error","id":123456789012345678901234567890,"v":1e999,"ua":"x \ud83d"})";
  EXPECT_EQ(client.post("/ingest", line).body, R"({"accepted":1})");
  EXPECT_THAT(stored(),
              ElementsAre("127.0.0.1 {\"MESSAGE\":\"m\",\"level\":\"error\",\"id\":123456789012345678901234567890,"
                          "\"v\":1e999,\"ua\":\"x \\ud83d\",\"PRIORITY\":\"3\"}"));
}

TEST_F(HttpIngest, EntriesBelowTheLevelAreRejectedAndCounted) {
  start({}, {.min_level = 4});
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", R"({"message":"a","level":"info"})").body, R"({"accepted":0,"rejected":1})");
  EXPECT_EQ(client.post("/ingest", R"([{"msg":"b","level":"error"},{"msg":"c","level":"debug"},{"msg":"d"}])").body,
            R"({"accepted":2,"rejected":1})");
  EXPECT_THAT(stored(), ElementsAre(R"(127.0.0.1 {"MESSAGE":"b","level":"error","PRIORITY":"3"})", "127.0.0.1 d"));
  EXPECT_EQ(counters_->received, 4u);
  EXPECT_EQ(counters_->stored, 2u);
  EXPECT_EQ(counters_->rejected, 2u);
}

TEST_F(HttpIngest, GzipIsDecompressed) {
  start();
  auto client = this->client();
  const std::string encoding = "Content-Encoding: gzip\r\n";
  EXPECT_EQ(client.post("/ingest", gzip("{\"message\":\"a\"}\n{\"message\":\"b\"}\n"), encoding).body,
            R"({"accepted":2})");
  // One gzip text after another is one text.
  EXPECT_EQ(client.post("/ingest", gzip("{\"message\":\"c\"}\n") + gzip("{\"message\":\"d\"}\n"), encoding).body,
            R"({"accepted":2})");
  EXPECT_THAT(stored(), ElementsAre("127.0.0.1 a", "127.0.0.1 b", "127.0.0.1 c", "127.0.0.1 d"));
}

TEST_F(HttpIngest, TruncatedGzipAndBombsStoreNothing) {
  start({.decompressed_bytes = 1 << 20});
  auto client = this->client();
  const std::string encoding = "Content-Encoding: gzip\r\n";
  std::string lines;
  for (int i = 0; i < 2000; ++i) lines += "{\"message\":\"" + std::to_string(i * 7919) + "\"}\n";
  const std::string whole = gzip(lines);
  for (std::size_t cut = 0; cut < whole.size(); cut += 1 + whole.size() / 50) {
    EXPECT_EQ(client.post("/ingest", whole.substr(0, cut), encoding).status, 400) << cut;
  }
  EXPECT_EQ(client.post("/ingest", whole + "x", encoding).status, 400);
  EXPECT_EQ(client.post("/ingest", "not gzip", encoding).status, 400);
  const std::string bomb = gzip(std::string(64 << 20, ' '));
  EXPECT_EQ(client.post("/ingest", bomb, encoding).status, 413);
  EXPECT_EQ(client.post("/ingest", "x", "Content-Encoding: br\r\n").status, 415);
  EXPECT_THAT(stored(), IsEmpty());
}

TEST(Gunzip, NeverMakesMoreThanItIsAllowed) {
  const std::string text(1000, 'x');
  EXPECT_EQ(gunzip(gzip(text), 1000).value(), text);
  EXPECT_EQ(gunzip(gzip(text), 999).error().code, towl::ErrorCode::entry_too_large);
  EXPECT_EQ(gunzip(gzip(""), 10).value(), "");
}

TEST_F(HttpIngest, WhatIsNotJsonIsRefusedByItsType) {
  start();
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", "<a/>", "Content-Type: text/xml\r\n").status, 415);
  EXPECT_EQ(client.post("/ingest", R"({"message":"a"})", "Content-Type: Application/JSON; charset=utf-8\r\n").status,
            202);
  EXPECT_EQ(client.post("/ingest", R"({"message":"b"})", "Content-Type: application/vnd.log+json\r\n").status, 202);
}

TEST_F(HttpIngest, ScriptsOfOtherSitesMayNotWrite) {
  start();
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", R"({"message":"a"})", "Origin: https://evil.example\r\n").status, 403);
  auto again = this->client();
  EXPECT_EQ(again.post("/ingest", R"({"message":"a"})", "Origin: http://towld\r\n").status, 202);
}

TEST_F(HttpIngest, LargeEntriesAreCut) {
  start();
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", "{\"message\":\"" + std::string(1'500'000, 'x') + "\"}").status, 202);
  EXPECT_EQ(client.post("/ingest", "{\"message\":\"" + std::string(3'000'000, 'x') + "\"}").status, 202);
  EXPECT_EQ(stored().size(), 2u);
  EXPECT_EQ(counters_->cut, 2u);
}

TEST_F(HttpIngest, ManyClientsAtOnceAreAllStoredOnce) {
  start();
  constexpr int kClients = 20;
  constexpr int kRequests = 100;
  std::vector<std::jthread> threads;
  std::atomic<int> accepted = 0;
  for (int i = 0; i < kClients; ++i) {
    threads.emplace_back([&, i] {
      auto client = this->client();
      for (int j = 0; j < kRequests; ++j) {
        const auto answer = client.post("/ingest", "{\"message\":\"" + std::to_string(i * kRequests + j) + "\"}");
        accepted += answer.body == R"({"accepted":1})" ? 1 : 0;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(accepted, kClients * kRequests);
  auto texts = stored();
  EXPECT_EQ(texts.size(), static_cast<std::size_t>(kClients * kRequests));
  std::sort(texts.begin(), texts.end());
  EXPECT_EQ(std::unique(texts.begin(), texts.end()), texts.end());
}

// While the writer is blocked, bodies are not read; they go on when there is room. Other paths are served all the time.
TEST_F(HttpIngest, AFullQueueMakesClientsWait) {
  routes_->add("/hello", {HttpMethod::get},
               std::make_shared<HttpFunction>([](const HttpRequest&) { return HttpResponse{.body = "hi"}; }));
  start();
  std::promise<void> block;
  block_writer(block);
  std::string lines;
  for (int i = 0; i < 900; ++i) lines += "{\"message\":\"" + std::string(4000, 'x') + "\"}\n";
  std::vector<Client> clients;
  for (int i = 0; i < 12; ++i) {
    clients.push_back(client());
    clients.back().send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(lines.size()) +
                        "\r\n\r\n" + lines.substr(0, 100));
  }
  std::vector<std::jthread> senders;
  for (auto& sender : clients) senders.emplace_back([&] { sender.send(std::string_view(lines).substr(100)); });
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (ingest_->queued_bytes() < kMaxQueuedBytes && std::chrono::steady_clock::now() < end) {
    EXPECT_EQ(client().get("/hello").body, "hi");
  }
  EXPECT_GE(ingest_->queued_bytes(), kMaxQueuedBytes);
  EXPECT_LT(ingest_->queued_bytes(), kMaxQueuedBytes + 2 * lines.size());
  block.set_value();
  for (auto& waiting : clients) EXPECT_EQ(waiting.read().status, 202);
  senders.clear();
  EXPECT_EQ(stored().size(), 12u * 900u);
}

TEST_F(HttpIngest, WhereTheQueueStaysFullClientsAreToldToComeAgain) {
  start({.room_time = std::chrono::milliseconds(100)});
  std::promise<void> block;
  block_writer(block);
  Batch batch;
  const auto entries = towl::test::numbered_entries(0, 1);
  batch.entries = towl::test::views(entries);
  batch.bytes = kMaxQueuedBytes;
  ingest_->submit(std::move(batch));
  // The input learns that the queue is full when it has put something in.
  auto first = client();
  first.send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{\"message\":\"a\"}");
  auto second = client();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (ingest_->counters().received < 2 && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  EXPECT_EQ(client().get("/nothing").status, 404);  // The server's thread has finished that.
  const auto refused = second.post("/ingest", R"({"message":"b"})");
  EXPECT_EQ(refused.status, 503);
  EXPECT_TRUE(refused.has("Retry-After: "));
  block.set_value();
  EXPECT_EQ(first.read().status, 202);
  EXPECT_EQ(client().post("/ingest", R"({"message":"b"})").status, 202);
  EXPECT_EQ(stored().size(), 3u);
}

// Large bodies are read elsewhere: while that takes its time, the loop answers others.
TEST_F(HttpIngest, LargeBodiesHoldUpNobodyElse) {
  routes_->add("/hello", {HttpMethod::get},
               std::make_shared<HttpFunction>([](const HttpRequest&) { return HttpResponse{.body = "hi"}; }));
  start();
  std::promise<void> go_on;
  boost::asio::post(endpoint_->reader(), [future = go_on.get_future().share()] { future.wait(); });
  std::string lines;
  for (int i = 0; i < 1'000; ++i) lines += "{\"message\":\"" + std::string(4'000, 'x') + "\"}\n";
  auto large = client();
  ASSERT_TRUE(large.send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(lines.size()) +
                         "\r\n\r\n" + lines));
  auto packed = client();
  const std::string bomb = gzip(std::string(20 << 20, ' '));
  ASSERT_TRUE(packed.send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: " +
                          std::to_string(bomb.size()) + "\r\n\r\n" + bomb));
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(client().get("/hello").body, "hi");
    EXPECT_EQ(client().post("/ingest", R"({"message":"small"})").status, 202);
  }
  pollfd answered{large.descriptor(), POLLIN, 0};
  EXPECT_EQ(::poll(&answered, 1, 0), 0);
  go_on.set_value();
  EXPECT_THAT(large.read().body, HasSubstr("\"accepted\":1000"));
  EXPECT_EQ(packed.read().status, 413);
  EXPECT_EQ((*reached_)[Limit::unpacked_bytes], 1u);
  EXPECT_EQ(stored().size(), 1'010u);
}

// An input that goes does so with all that was posted to it read and stored.
TEST_F(HttpIngest, LargeBodiesThatWaitAreReadBeforeTheInputEnds) {
  start();
  std::promise<void> go_on;
  boost::asio::post(endpoint_->reader(), [future = go_on.get_future().share()] { future.wait(); });
  std::string lines;
  for (int i = 0; i < 100; ++i) lines += "{\"message\":\"" + std::string(4'000, 'x') + "\"}\n";
  auto large = client();
  ASSERT_TRUE(large.send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(lines.size()) +
                         "\r\n\r\n" + lines));
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (counters_->bytes < lines.size() && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  std::jthread stopping([&] { input_->stop(); });
  go_on.set_value();
  EXPECT_EQ(large.read().status, 202);
  stopping.join();
  EXPECT_EQ(stored().size(), 100u);
}

TEST_F(HttpIngest, MoreEntriesThanARequestMayHaveAreRefusedAndCounted) {
  start({.entries = 3});
  EXPECT_EQ(client().post("/ingest", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n").status, 202);
  EXPECT_EQ(client().post("/ingest", "{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n{\"a\":4}\n").status, 413);
  EXPECT_EQ((*reached_)[Limit::http_entries], 1u);
  EXPECT_EQ(stored().size(), 3u);
}

TEST_F(HttpIngest, ClientsThatAreGoneDoNotKeepTheirEntriesFromBeingStored) {
  start();
  for (int i = 0; i < 50; ++i) {
    auto client = this->client();
    client.send("POST /ingest HTTP/1.1\r\nHost: a\r\nContent-Length: 15\r\n\r\n{\"message\":\"a\"}");
    client.reset();
  }
  auto client = this->client();
  EXPECT_EQ(client.post("/ingest", R"({"message":"b"})").status, 202);
  EXPECT_GE(stored().size(), 1u);
}

TEST_F(HttpIngest, AnInputThatStopsMakesRoomForAnother) {
  start();
  auto client = this->client();
  EXPECT_FALSE(try_input());
  EXPECT_EQ(client.post("/ingest", R"({"message":"a"})").status, 202);
  input_->stop();
  EXPECT_EQ(client.post("/ingest", R"({"message":"b"})").status, 503);
  start_input();
  EXPECT_EQ(client.post("/ingest", R"({"message":"c"})").status, 202);
  EXPECT_THAT(stored(), ElementsAre("127.0.0.1 a", "127.0.0.1 c"));
}

}  // namespace
}  // namespace towld

// Protocols that clients already speak: what they send becomes entries, and the answers that they get.
#include <gmock/gmock.h>
#include <snappy.h>

#include "inputs/http/journal_upload/export_reader.hpp"
#include "inputs/http/loki/loki_labels.hpp"
#include "towld/http/http_fixture.hpp"

namespace towld {

extern const HttpProtocolType kLokiProtocol;
extern const HttpProtocolType kElasticsearchProtocol;
extern const HttpProtocolType kOtlpProtocol;
extern const HttpProtocolType kJsonlineProtocol;
extern const HttpProtocolType kJournalUploadProtocol;

namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Fields of protobuf messages, of less than 2^21 bytes.
std::string varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}
std::string number(int field, std::uint64_t value) { return varint(static_cast<unsigned>(field) << 3) + varint(value); }
std::string fixed(int field, std::uint64_t value) {
  std::string bytes = varint((static_cast<unsigned>(field) << 3) | 1);
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}
std::string bytes(int field, const std::string& value) {
  return varint((static_cast<unsigned>(field) << 3) | 2) + varint(value.size()) + value;
}

class ClientProtocols : public HttpFixture {
 protected:
  void start_protocol(const HttpProtocolType& type, const HttpLimits& limits = {}) {
    for (const InputPath& one : type.paths) more_paths_.emplace_back(one.path);
    start(limits);
    // Clients also ask; the fixture's paths take only POST.
    std::vector<HttpPart> parts;
    HttpPart& part = parts.emplace_back();
    for (const InputPath& one : type.paths) part.paths.push_back(one.path);
    part.protocol = type.make();
    auto input = HttpInput::start(context_, endpoint_, std::move(parts));
    ASSERT_TRUE(input) << input.error().to_string();
    protocol_ = std::move(*input);
  }

  /// Of the entries, once everything is stopped.
  std::vector<towl::Entry> entries() {
    server_->stop(std::chrono::seconds(10));
    protocol_->stop();
    stop();
    return towl::test::read_all(ingest_->reader());
  }
  std::vector<std::string> texts() {
    std::vector<std::string> texts;
    for (const auto& entry : entries()) texts.push_back(entry.sender + " " + entry.log_entry);
    return texts;
  }

  std::unique_ptr<HttpInput> protocol_;
};

constexpr const char* kJson = "Content-Type: application/json\r\n";
constexpr const char* kProtobuf = "Content-Type: application/x-protobuf\r\n";

TEST_F(ClientProtocols, LokiAsJson) {
  start_protocol(kLokiProtocol);
  auto client = this->client();
  const auto answer =
      client.post("/loki/api/v1/push",
                  R"({"streams":[{"stream":{"app":"shop","level":"error","host":"web-1"},)"
                  R"("values":[["1768660200000000000","one"],["1768660200000000001","two",{"trace_id":"7"}]]}]})",
                  kJson);
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(client.post("/insert/loki/api/v1/push", R"({"streams":[]})", kJson).status, 204);
  EXPECT_EQ(client.post("/loki/api/v1/push", R"({"streams":[{"values":[["x","one"]]}]})", kJson).status, 400);
  EXPECT_EQ(client.post("/loki/api/v1/push", "nothing", kJson).status, 400);
  EXPECT_EQ(client.post("/loki/api/v1/push", std::string(100'000, '['), kJson).status, 400);
  const auto stored = entries();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].time(), 1'768'660'200'000'000'000);
  EXPECT_EQ(stored[0].sender, "web-1");
  EXPECT_EQ(stored[0].log_entry, R"({"MESSAGE":"one","app":"shop","host":"web-1","level":"error","PRIORITY":"3"})");
  EXPECT_THAT(stored[1].log_entry, HasSubstr(R"("trace_id":"7")"));
}

TEST_F(ClientProtocols, LokiAsProtobuf) {
  start_protocol(kLokiProtocol);
  auto client = this->client();
  const std::string entry = bytes(1, number(1, 1'768'660'200) + number(2, 5)) + bytes(2, "line") +
                            bytes(3, bytes(1, "trace_id") + bytes(2, "7"));
  const std::string push = bytes(1, bytes(1, R"({app="shop", level="warn"})") + bytes(2, entry) + number(3, 99));
  std::string packed;
  snappy::Compress(push.data(), push.size(), &packed);
  EXPECT_EQ(client.post("/loki/api/v1/push", packed, kProtobuf).status, 204);
  EXPECT_EQ(client.post("/loki/api/v1/push", packed, std::string(kProtobuf) + "Content-Encoding: snappy\r\n").status,
            204);
  EXPECT_EQ(client.post("/loki/api/v1/push", push, kProtobuf).status, 400) << "not in snappy";
  for (std::size_t cut = 1; cut < push.size(); cut += 3) {
    snappy::Compress(push.data(), cut, &packed);
    const int status = client.post("/loki/api/v1/push", packed, kProtobuf).status;
    EXPECT_TRUE(status == 400 || status == 204) << cut;
  }
  const auto stored = entries();
  ASSERT_GE(stored.size(), 2u);
  EXPECT_EQ(stored[0].time(), 1'768'660'200'000'000'005);
  EXPECT_EQ(stored[0].log_entry, R"({"MESSAGE":"line","app":"shop","level":"warn","PRIORITY":"4","trace_id":"7"})");
}

TEST(LokiLabels, AreTakenApart) {
  using Pairs = Labels;
  EXPECT_EQ(*parse_labels(R"({a="b"})"), (Pairs{{"a", "b"}}));
  EXPECT_EQ(*parse_labels(R"( { a = "x\"}\\\n" , b=`\n`, } )"), (Pairs{{"a", "x\"}\\\n"}, {"b", "\\n"}}));
  EXPECT_EQ(*parse_labels("{}"), Pairs{});
  for (const char* text : {"", "{", "a", R"({a="b)", R"({a=b})", R"({="b"})", R"({a="b" c="d"})", R"({a="b"}x)"}) {
    EXPECT_FALSE(parse_labels(text)) << text;
  }
}

TEST_F(ClientProtocols, ElasticsearchsBulk) {
  start_protocol(kElasticsearchProtocol);
  auto client = this->client();
  constexpr const char* kNdjson = "Content-Type: application/vnd.elasticsearch+x-ndjson; compatible-with=9\r\n";
  const auto answer = client.post("/logs/_bulk",
                                  "{\"index\":{}}\n{\"@timestamp\":\"2026-01-17T14:30:00Z\",\"message\":\"one\"}\n"
                                  "{\"create\":{\"_index\":\"other\",\"_id\":\"7\"}}\r\n{\"message\":\"two\"}\r\n"
                                  "{\"index\":{}}\n{\"message\":\n"
                                  "{\"delete\":{\"_id\":\"1\"}}\n"
                                  "{\"update\":{\"_id\":\"1\"}}\n{\"doc\":{}}\n"
                                  "{\"index\":{}}\n{\"message\":\"last, without a newline\"}",
                                  kNdjson);
  EXPECT_EQ(answer.status, 200);
  EXPECT_TRUE(answer.has("X-Elastic-Product: Elasticsearch"));
  EXPECT_THAT(answer.body, HasSubstr(R"("errors":true,"items":[{"index":{"_index":"logs")"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"create":{"_index":"other","_id":"7")"));
  EXPECT_THAT(answer.body, HasSubstr(R"({"delete":{"_index":"logs","_id":"1","status":400)"));
  const auto good = client.post("/_bulk", "{\"index\":{\"_index\":\"a\"}}\n{\"message\":\"three\"}\n", kJson);
  EXPECT_THAT(good.body, HasSubstr(R"("errors":false)"));
  EXPECT_EQ(client.post("/insert/elasticsearch/_bulk", "{\"index\":{}}\n{\"message\":\"four\"}\n", kJson).status, 200);
  EXPECT_EQ(client.post("/_bulk", "nothing\n", kJson).status, 400);
  EXPECT_EQ(client.post("/_bulk", "", kJson).status, 400);
  EXPECT_THAT(texts(), ElementsAre(R"(127.0.0.1 {"MESSAGE":"one","@timestamp":"2026-01-17T14:30:00Z","_index":"logs"})",
                                   R"(127.0.0.1 {"MESSAGE":"two","_index":"other"})",
                                   R"(127.0.0.1 {"MESSAGE":"last, without a newline","_index":"logs"})",
                                   R"(127.0.0.1 {"MESSAGE":"three","_index":"a"})", "127.0.0.1 four"));
}

// An entry that is refused by itself is counted and kept; the others are stored.
TEST_F(ClientProtocols, WhatOneEntryIsRefusedForIsCountedAndKept) {
  start_protocol(kElasticsearchProtocol);
  auto client = this->client();
  EXPECT_EQ(
      client.post("/_bulk", "{\"index\":{}}\n{\"message\":\n{\"index\":{}}\n{\"message\":\"good\"}\n", kJson).status,
      200);
  EXPECT_THAT(texts(), ElementsAre("127.0.0.1 good"));
  EXPECT_EQ(context_.counters->rejected, 1u);
  EXPECT_EQ(context_.counters->received, 2u);
}

TEST_F(ClientProtocols, OtlpTellsHowManyRecordsItCannotRead) {
  start_protocol(kOtlpProtocol);
  auto client = this->client();
  const std::string deep = [] {
    std::string value = bytes(1, "x");
    for (int i = 0; i < 40; ++i) value = bytes(5, bytes(1, value));
    return value;
  }();
  const auto record = [](const std::string& body) { return bytes(2, bytes(5, body)); };
  const std::string request =
      bytes(1, bytes(2, record(bytes(1, "one")) + record(deep) + bytes(2, "\x0F") + record(bytes(1, "two"))));
  const auto answer = client.post("/v1/logs", request, kProtobuf);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, bytes(1, number(1, 2) + bytes(2, "entry 2: not a LogRecord")));
  const auto json = client.post(
      "/v1/logs", R"({"resourceLogs":[{"scopeLogs":[{"logRecords":[7,{"body":{"stringValue":"three"}}]}]}]})", kJson);
  EXPECT_EQ(
      json.body,
      R"({"partialSuccess":{"rejectedLogRecords":"1","errorMessage":"entry 1: a log record must be an object"}})");
  EXPECT_THAT(texts(), ElementsAre("127.0.0.1 one", "127.0.0.1 two", "127.0.0.1 three"));
  EXPECT_EQ(context_.counters->rejected, 3u);
}

TEST_F(ClientProtocols, OtlpAsJson) {
  start_protocol(kOtlpProtocol);
  auto client = this->client();
  const auto answer = client.post(
      "/v1/logs",
      R"({"resourceLogs":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"shop"}},)"
      R"({"key":"host.name","value":{"stringValue":"web-1"}}]},"scopeLogs":[{"scope":{"name":"lib"},"logRecords":[)"
      R"({"timeUnixNano":"1768660200000000000","severityNumber":17,"severityText":"ERROR","body":{"stringValue":"boom"},)"
      R"("attributes":[{"key":"n","value":{"intValue":"5"}},{"key":"ok","value":{"boolValue":true}},)"
      R"({"key":"list","value":{"arrayValue":{"values":[{"stringValue":"a"},{"doubleValue":1.5}]}}}],)"
      R"("traceId":"0af7651916cd43dd8448eb211c80319c","spanId":"b7ad6b7169203331"},)"
      R"({"observedTimeUnixNano":1768660200000000001,"body":{"kvlistValue":{"values":[{"key":"a","value":{"intValue":1}}]}}}]}]}]})",
      kJson);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "{}");
  EXPECT_EQ(client.post("/v1/logs", "{}", kJson).status, 200);
  EXPECT_EQ(client.post("/v1/logs", "[", kJson).status, 400);
  const auto stored = entries();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].time(), 1'768'660'200'000'000'000);
  EXPECT_EQ(stored[0].sender, "web-1");
  for (const char* part : {R"("MESSAGE":"boom")", R"("service.name":"shop")", R"("n":5)", R"("ok":true)",
                           R"("list":["a",1.5])", R"("PRIORITY":"3")", R"("scope.name":"lib")",
                           R"("trace_id":"0af7651916cd43dd8448eb211c80319c")", R"("severity_text":"ERROR")"}) {
    EXPECT_THAT(stored[0].log_entry, HasSubstr(part));
  }
  EXPECT_EQ(stored[1].time(), 1'768'660'200'000'000'001);
  EXPECT_THAT(stored[1].log_entry, HasSubstr(R"("MESSAGE":"{\"a\":1}")"));
}

TEST_F(ClientProtocols, OtlpAsProtobuf) {
  start_protocol(kOtlpProtocol);
  auto client = this->client();
  const auto attribute = [](const std::string& name, const std::string& value) {
    return bytes(1, name) + bytes(2, value);
  };
  const std::string record = fixed(1, 1'768'660'200'000'000'000) + number(2, 9) + bytes(3, "INFO") +
                             bytes(5, bytes(1, "hello")) + bytes(6, attribute("n", number(3, 5))) +
                             bytes(6, attribute("f", fixed(4, 0x3FF8000000000000))) +
                             bytes(6, attribute("map", bytes(6, bytes(1, attribute("k", number(2, 1)))))) +
                             bytes(9, std::string("\x0a\xf7", 2)) + fixed(11, 1);
  const std::string request = bytes(1, bytes(1, bytes(1, attribute("host.name", bytes(1, "web-1")))) +
                                           bytes(2, bytes(1, bytes(1, "lib")) + bytes(2, record)));
  const auto answer = client.post("/v1/logs", request, kProtobuf);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, "");
  EXPECT_TRUE(answer.has("Content-Type: application/x-protobuf"));
  for (std::size_t cut = 1; cut < request.size(); ++cut) {
    EXPECT_EQ(client.post("/v1/logs", request.substr(0, cut), kProtobuf).status, 400) << cut;
  }
  const auto stored = entries();
  ASSERT_EQ(stored.size(), 1u);
  EXPECT_EQ(stored[0].sender, "web-1");
  EXPECT_EQ(stored[0].time(), 1'768'660'200'000'000'000);
  for (const char* part : {R"("MESSAGE":"hello")", R"("n":5)", R"("f":1.5)", R"("map":{"k":true})", R"("PRIORITY":"6")",
                           R"("trace_id":"0af7")", R"("scope.name":"lib")"}) {
    EXPECT_THAT(stored[0].log_entry, HasSubstr(part));
  }
}

TEST_F(ClientProtocols, JsonLinesOfVictoriaLogs) {
  start_protocol(kJsonlineProtocol);
  auto client = this->client();
  EXPECT_EQ(
      client
          .post("/insert/jsonline?_msg_field=log.text,msg&_time_field=at&ignore_fields=secret&extra_fields=dc=x,rack=7",
                "{\"at\":\"2026-01-17T14:30:00Z\",\"log.text\":\"one\",\"secret\":\"s\"}\n{\"msg\":\"two\",\"at\":0}"
                "\nbad\n"
                "{\"_msg\":\"three\"}")
          .status,
      200);
  EXPECT_EQ(client
                .post("/insert/jsonline", "{\"_msg\":\"four\",\"_time\":\"2026-01-17T14:30:00Z\",\"a\":1}",
                      "Content-Type: application/stream+json\r\n")
                .status,
            200);
  EXPECT_EQ(client.post("/insert/jsonline?strict=1", "bad\n").status, 400);
  const auto stored = entries();
  ASSERT_EQ(stored.size(), 5u);
  EXPECT_EQ(stored[0].time(), 1'768'660'200'000'000'000);
  EXPECT_EQ(stored[0].log_entry, R"({"MESSAGE":"one","dc":"x","rack":"7","time":"2026-01-17T14:30:00Z"})");
  EXPECT_EQ(stored[1].log_entry, R"({"MESSAGE":"two","dc":"x","rack":"7"})");
  EXPECT_EQ(stored[2].log_entry, R"({"MESSAGE":"bad","TOWL_UNPARSED":"http"})");
  EXPECT_THAT(stored[3].log_entry, HasSubstr(R"("_msg":"three")"));
  EXPECT_EQ(stored[4].log_entry, R"({"MESSAGE":"four","time":"2026-01-17T14:30:00Z","a":1})");
}

// A body in chunks, each with a part of `text`.
std::string chunked(const std::string& text, std::size_t size) {
  std::string body;
  for (std::size_t at = 0; at < text.size(); at += size) {
    const std::string part = text.substr(at, size);
    char head[20];
    std::snprintf(head, sizeof head, "%zx\r\n", part.size());
    body += head + part + "\r\n";
  }
  return body + "0\r\n\r\n";
}

// The first upload is a whole journal.
TEST_F(ClientProtocols, AJournalIsTakenAsItArrives) {
  start_protocol(kJournalUploadProtocol);
  auto client = this->client();
  const std::string head =
      "POST /upload HTTP/1.1\r\nHost: towld\r\nContent-Type: application/vnd.fdo.journal\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  std::string text;
  constexpr int kEntries = 30'000;
  for (int i = 0; i < kEntries; ++i) {
    const std::string value = std::to_string(i) + "\n\n" + std::string(300, 'x');
    std::string length;
    for (int shift = 0; shift < 64; shift += 8) length += static_cast<char>(value.size() >> shift);
    text += "__CURSOR=" + std::to_string(i) + "\nMESSAGE\n" + length + value + "\n\n";
  }
  ASSERT_GT(text.size(), 2 * HttpLimits{}.body_bytes);
  ASSERT_TRUE(client.send(head + chunked(text, 16'000)));
  EXPECT_EQ(client.read().status, 202);
  // What comes first stays, if what follows cannot be read; one entry is bounded.
  ASSERT_TRUE(
      client.send(head + chunked(text.substr(0, text.size() / 2) + "BAD\n" + std::string(8, '\xFF') + "x", 70'000)));
  EXPECT_EQ(client.read().status, 400);
  auto other = this->client();
  other.send(head + chunked("MESSAGE=" + std::string(5 << 20, 'x') + "\n\n", 100'000));
  EXPECT_EQ(other.read().status, 413);
  const auto stored = entries();
  ASSERT_GE(stored.size(), static_cast<std::size_t>(kEntries));
  for (int i = 0; i < kEntries; ++i) {
    ASSERT_THAT(stored[static_cast<std::size_t>(i)].log_entry,
                HasSubstr("\"MESSAGE\":\"" + std::to_string(i) + "\\n\\nxxx"));
  }
}

// A part is no larger than a request may be; small uploads come whole, and are read off the loop.
TEST_F(ClientProtocols, AJournalIsTakenInPartsThatRequestsMayHave) {
  HttpLimits limits;
  limits.body_bytes = std::size_t{128} << 10;
  start_protocol(kJournalUploadProtocol, limits);
  auto client = this->client();
  const std::string head =
      "POST /upload HTTP/1.1\r\nHost: towld\r\nContent-Type: application/vnd.fdo.journal\r\nTransfer-Encoding: "
      "chunked\r\n\r\n";
  std::vector<std::string> expected;
  for (const int count : {10'000, 1, 500, 10'000}) {
    std::string text;
    for (int i = 0; i < count; ++i) {
      expected.push_back(std::to_string(expected.size()) + std::string(100, 'x'));
      text += "MESSAGE=" + expected.back() + "\n\n";
    }
    ASSERT_TRUE(client.send(head + chunked(text, 50'000)));
    ASSERT_EQ(client.read().status, 202) << count;
  }
  const auto stored = entries();
  ASSERT_EQ(stored.size(), expected.size());
  for (std::size_t i = 0; i < stored.size(); ++i) ASSERT_THAT(stored[i].log_entry, HasSubstr(expected[i])) << i;
}

TEST(ExportReader, WholeEntriesAreThoseWithTheirEnd) {
  const std::string binary = "B\n" + std::string("\x03\0\0\0\0\0\0\0", 8) + "\n\nx\n";
  const std::string text = "A=1\n\n" + binary + "C=2\n\nD=3\n";
  const std::size_t ends[] = {5, 5 + binary.size() + 5};
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const std::size_t expected = size >= ends[1] ? ends[1] : size >= ends[0] ? ends[0] : 0;
    ASSERT_EQ(whole_entries(text.substr(0, size)), expected) << size;
  }
}

TEST_F(ClientProtocols, EntriesOfAJournal) {
  start_protocol(kJournalUploadProtocol);
  auto client = this->client();
  constexpr const char* kType = "Content-Type: application/vnd.fdo.journal\r\n";
  const std::string binary = "COREDUMP\n" + std::string("\x03\0\0\0\0\0\0\0", 8) + "\n\0x" + "\n";
  const std::string text =
      "__CURSOR=s=1;i=1\n__REALTIME_TIMESTAMP=1768660200000000\n_HOSTNAME=web-1\nPRIORITY=2\nMESSAGE=a=b\n" +
      std::string(binary.data(), 9 + 8) + std::string("\n\0x\n", 4) + "\n__CURSOR=2\nMESSAGE=two\n\n";
  const auto answer = client.post("/upload", text, kType);
  EXPECT_EQ(answer.status, 202);
  EXPECT_EQ(answer.body, "OK.\n");
  EXPECT_EQ(client.post("/upload", "COREDUMP\n" + std::string(8, '\xFF') + "x", kType).status, 400);
  EXPECT_EQ(client.post("/upload", "x").status, 415);
  const auto stored = entries();
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored[0].sender, "web-1");
  EXPECT_EQ(stored[0].time(), 1'768'660'200'000'000'000);
  for (const char* part :
       {R"("MESSAGE":"a=b")", R"("PRIORITY":"2")", R"("COREDUMP":[10,0,120])", R"("__CURSOR":"s=1;i=1")"}) {
    EXPECT_THAT(stored[0].log_entry, HasSubstr(part));
  }
}

}  // namespace
}  // namespace towld

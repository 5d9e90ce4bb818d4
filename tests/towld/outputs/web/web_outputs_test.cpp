// Outputs that speak HTTP, against strict stand-ins and against towld's own doors: what is stored is there once the
// server has taken it, no matter what the server does before that.
#include <gmock/gmock.h>

#include <fstream>
#include <future>

#include "outputs/output_type.hpp"
#include "support/certificates.hpp"
#include "towld/inputs/input_support.hpp"
#include "towld/outputs/read_settings.hpp"
#include "towld/outputs/web/stand_ins.hpp"

namespace towld {

extern const OutputType kHttpOutput;
extern const OutputType kElasticsearchOutput;
extern const OutputType kLokiOutput;

namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;
using towl::test::eventually;

class WebOutputs : public testing::Test {
 protected:
  void store(std::vector<towl::Entry> entries) { store_.store(std::move(entries)); }
  void store_numbered(std::uint64_t first, std::uint64_t count) { store(towl::test::numbered_entries(first, count)); }
  void store_json(const std::string& sender, const std::string& text) {
    store({towl::Entry(sender, 1'768'660'200'000'000'000, towl::LogFormat::journal_json, text)});
  }

  std::unique_ptr<Output> start(const OutputType& type, const std::string& yaml) {
    return test::start_output(type, yaml,
                              {.name = "o",
                               .ingest = &store_.ingest(),
                               .log = test::MemoryStore::log(),
                               .cursor_folder = folder_ / "cursors"});
  }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }

  towl::test::TempFolder folder_;
  test::MemoryStore store_{{.max_entries = 1000}};
};

// ---- http

TEST_F(WebOutputs, LinesArriveOnceInOrderAndSayWhereTheyBelong) {
  std::mutex mutex;
  std::vector<json> lines;
  std::map<std::string, std::uint64_t> next;  // ordinals, by UUID: as a receiver that must not have an entry twice
  test::StandInServer server([&](const test::StandInRequest& request) -> test::StandInAnswer {
    std::lock_guard lock(mutex);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/in");
    EXPECT_EQ(request.headers.at("content-type"), "application/x-ndjson");
    const std::string& first = request.headers.at("x-towl-first");
    const auto slash = first.find('/');
    EXPECT_EQ(slash, 32U);
    auto& ordinal = next[first.substr(0, slash)];
    EXPECT_EQ(std::stoull(first.substr(slash + 1)), ordinal);
    for (const auto& line : test::lines_of(request.body)) lines.push_back(json::parse(line));
    ordinal += test::lines_of(request.body).size();
    return {.status = 204};
  });
  const auto output = start(kHttpOutput, "{ type: http, url: '" + server.url() + "/in', from: beginning }");
  store_numbered(0, 2500);
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2500; })) << output->status().error;
  std::lock_guard lock(mutex);
  ASSERT_EQ(lines.size(), 2500U);
  for (std::uint64_t i = 0; i < 2500; ++i) ASSERT_EQ(lines[i]["log_entry"], towl::test::numbered_text(i));
}

TEST_F(WebOutputs, HeadersAreMadeOfEntriesAndCannotBeForged) {
  std::mutex mutex;
  std::map<std::string, std::uint64_t> lines;
  test::StandInServer server([&](const test::StandInRequest& request) -> test::StandInAnswer {
    std::lock_guard lock(mutex);
    EXPECT_FALSE(request.headers.contains("x-forged"));
    lines[request.headers.at("x-from") + "," + request.headers.at("x-app")] += test::lines_of(request.body).size();
    return {};
  });
  const auto output = start(kHttpOutput, "{ type: http, url: '" + server.url() +
                                             "', from: beginning, format: text, compression: gzip, headers: { X-From: "
                                             "'{sender}', X-App: 'a {field:APP}{{}}' } }");
  store_json("web-1", R"({"MESSAGE":"one","APP":"shop"})");
  store_json("web-1", R"({"MESSAGE":"two","APP":"shop"})");
  store_json("web-2", R"({"MESSAGE":"three","APP":"x\r\nX-Forged: 1"})");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 3; })) << output->status().error;
  std::lock_guard lock(mutex);
  EXPECT_EQ(lines["web-1,a shop{}"], 2U);
  EXPECT_EQ(lines["web-2,a x??X-Forged: 1{}"], 1U);
}

TEST_F(WebOutputs, WhatIsRefusedForGoodIsFoundAndPassedOver) {
  std::mutex mutex;
  std::vector<std::string> taken;
  test::StandInServer server([&](const test::StandInRequest& request) -> test::StandInAnswer {
    std::lock_guard lock(mutex);
    if (request.body.find("poison") != std::string::npos) return {.status = 422, .body = "poison\n"};
    if (request.body.size() > 1000) return {.status = 413};
    for (const auto& line : test::lines_of(request.body)) taken.push_back(line);
    return {};
  });
  auto entries = towl::test::numbered_entries(0, 300);
  entries[0].log_entry = "the first is poison, too";
  entries[117].log_entry = "poison";
  entries[299].log_entry = "poison";
  store(std::move(entries));
  const auto output = start(kHttpOutput, "{ type: http, url: '" + server.url() + "', from: beginning, format: text }");
  ASSERT_TRUE(eventually([&] { return output->status().refused == 3; })) << output->status().error;
  std::lock_guard lock(mutex);
  ASSERT_EQ(taken.size(), 297U);
  EXPECT_EQ(taken.front(), towl::test::numbered_text(1));
  EXPECT_EQ(taken.back(), towl::test::numbered_text(298));
}

// An address that is wrong must not cost what is stored.
TEST_F(WebOutputs, AServerThatTakesNothingIsNotGivenUp) {
  std::atomic<bool> good = false;
  std::atomic<std::uint64_t> taken = 0;
  test::StandInServer server([&](const test::StandInRequest& request) -> test::StandInAnswer {
    if (!good) return {.status = 400, .body = "what is this?"};
    taken += test::lines_of(request.body).size();
    return {};
  });
  store_numbered(0, 50);
  const auto output = start(kHttpOutput, "{ type: http, url: '" + server.url() + "', from: beginning }");
  ASSERT_TRUE(eventually([&] { return output->status().failures >= 2; }));
  EXPECT_THAT(output->status().error, HasSubstr("what is this?"));
  EXPECT_FALSE(output->status().connected);
  EXPECT_EQ(output->status().backlog_entries, 50U);
  good = true;
  EXPECT_TRUE(eventually([&] { return taken == 50; }));
  EXPECT_TRUE(eventually([&] { return output->status().connected; }));
  EXPECT_EQ(output->status().refused, 0U);
}

TEST_F(WebOutputs, TlsIsVerifiedAndTokensAreReadAgain) {
  ASSERT_TRUE(towl::test::make_certificate(folder_.path(), "server"));
  ASSERT_TRUE(towl::test::make_certificate(folder_.path(), "other"));
  const std::string server_pem = (folder_ / "server.pem").string();
  std::atomic<std::uint64_t> taken = 0;
  test::StandInServer server(
      [&](const test::StandInRequest& request) -> test::StandInAnswer {
        const auto token = request.headers.find("authorization");
        if (token == request.headers.end() || token->second != "Bearer right") return {.status = 401};
        taken += test::lines_of(request.body).size();
        return {};
      },
      server_pem, (folder_ / "server.key").string(), (folder_ / "other.pem").string());
  const std::string token = write("token", "wrong\n");
  const auto yaml = [&](const std::string& ca) {
    return "{ type: http, url: '" + server.url() + "', from: beginning, token_file: '" + token + "', tls: { ca: '" +
           (folder_ / ca).string() + "', cert: '" + (folder_ / "other.pem").string() + "', key: '" +
           (folder_ / "other.key").string() + "' } }";
  };
  store_numbered(0, 10);
  {
    const auto output = start(kHttpOutput, yaml("other.pem"));
    ASSERT_TRUE(eventually([&] { return output->status().failures > 0; }));
    EXPECT_THAT(output->status().error, HasSubstr("certificate"));
  }
  const auto output = start(kHttpOutput, yaml("server.pem"));
  ASSERT_TRUE(eventually([&] { return output->status().error.find("401") != std::string::npos; }))
      << output->status().error;
  EXPECT_EQ(taken, 0U);
  write("token", "right\n");
  EXPECT_TRUE(eventually([&] { return taken == 10; })) << output->status().error;
}

// Nobody may be kept waiting by a server that does not answer.
TEST_F(WebOutputs, ItStopsWhileAServerDoesNotAnswer) {
  std::promise<void> asked;
  std::promise<void> end;
  auto ended = end.get_future().share();
  std::atomic<int> requests = 0;
  test::StandInServer server([&](const test::StandInRequest&) -> test::StandInAnswer {
    if (++requests == 1) asked.set_value();
    ended.wait();
    return {};
  });
  store_numbered(0, 10);
  auto output = start(kHttpOutput, "{ type: http, url: '" + server.url() + "', from: beginning }");
  asked.get_future().wait();
  output->stop();
  end.set_value();
}

// ---- elasticsearch

TEST_F(WebOutputs, DocumentsAreThereOnceThoughAnswersAreLost) {
  test::StandInElasticsearch elastic;
  int answers = 0;
  elastic.loses_answer = [&] { return ++answers % 2 == 1; };
  int asked = 0;
  elastic.instead = [&]() -> test::StandInAnswer {
    ++asked;
    if (asked % 5 == 1) return {.status = 503, .body = "busy"};
    if (asked % 5 == 3) return {.status = 429, .body = "es_rejected_execution_exception"};
    return {.status = 0};
  };
  test::StandInServer server([&](const auto& request) { return elastic(request); });
  const auto output = start(kElasticsearchOutput, "{ type: elasticsearch, url: '" + server.url() +
                                                      "', from: beginning, index: 'logs-{date}', compression: gzip }");
  store_numbered(0, 2500);
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2500; })) << output->status().error;
  std::lock_guard lock(elastic.mutex_);
  EXPECT_EQ(elastic.documents.size(), 2500U);
  EXPECT_GT(elastic.repeats, 0U);
  EXPECT_TRUE(elastic.indices.contains("logs-2026.01.17"));
}

TEST_F(WebOutputs, OfManyDocumentsThoseThatFailAreSentAgainOrPassedOver) {
  test::StandInElasticsearch elastic;
  std::map<std::string, int> tries;
  elastic.judge = [&](const json& document) {
    const std::string message = document["message"];
    if (message.starts_with("bad")) return 400;
    if (message.starts_with("later") && ++tries[message] < 3) return 429;
    return 0;
  };
  test::StandInServer server([&](const auto& request) { return elastic(request); });
  auto entries = towl::test::numbered_entries(0, 100);
  entries[3].log_entry = "bad one";
  entries[50].log_entry = "later one";
  entries[99].log_entry = "later another";
  store(std::move(entries));
  const auto output =
      start(kElasticsearchOutput, "{ type: elasticsearch, url: '" + server.url() + "', from: beginning }");
  ASSERT_TRUE(eventually([&] { return output->status().refused == 1; })) << output->status().error;
  std::lock_guard lock(elastic.mutex_);
  EXPECT_EQ(elastic.documents.size(), 99U);
  EXPECT_EQ(tries["later one"], 3);
}

TEST_F(WebOutputs, ADocumentHasTheEntrysPartsUnderTheirUsualNames) {
  test::StandInElasticsearch elastic;
  test::StandInServer server([&](const auto& request) { return elastic(request); });
  store_json("web-1", R"({"MESSAGE":"it \"broke\"","PRIORITY":"3","UNIT":"a.service","BIN":[1,255]})");
  store({towl::Entry("web-2", 1'768'660'200'000'000'000, towl::LogFormat::text, "no \xff text")});
  const auto output =
      start(kElasticsearchOutput, "{ type: elasticsearch, url: '" + server.url() + "', from: beginning }");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2; })) << output->status().error;
  std::lock_guard lock(elastic.mutex_);
  ASSERT_EQ(elastic.documents.size(), 2U);
  const json& first = elastic.documents.begin()->second;
  EXPECT_THAT(elastic.documents.begin()->first, testing::MatchesRegex("[0-9a-f]{32}/0"));
  EXPECT_EQ(first["@timestamp"], "2026-01-17T14:30:00Z");
  EXPECT_EQ(first["message"], "it \"broke\"");
  EXPECT_EQ(first["host"]["name"], "web-1");
  EXPECT_EQ(first["log"]["level"], "err");
  EXPECT_EQ(first["fields"]["UNIT"], "a.service");
  EXPECT_EQ(first["fields"]["BIN"], json::array({1, 255}));
  EXPECT_EQ(std::next(elastic.documents.begin())->second["message"], "no \xEF\xBF\xBD text");
}

// Another server at the same address, a proxy's page with 200, say.
TEST_F(WebOutputs, AnAnswerThatIsNoneOfTheBulkApiTakesNothing) {
  test::StandInServer server([&](const auto&) -> test::StandInAnswer { return {.body = "<html>hello</html>"}; });
  store_numbered(0, 5);
  const auto output =
      start(kElasticsearchOutput, "{ type: elasticsearch, url: '" + server.url() + "', from: beginning }");
  ASSERT_TRUE(eventually([&] { return output->status().failures > 0; }));
  EXPECT_THAT(output->status().error, HasSubstr("none of the bulk API"));
  EXPECT_EQ(output->status().entries, 0U);
}

// ---- loki

TEST_F(WebOutputs, StreamsHaveTheirLabelsAndLinesTheirTimes) {
  std::mutex mutex;
  json streams = json::array();
  test::StandInServer server([&](const test::StandInRequest& request) -> test::StandInAnswer {
    std::lock_guard lock(mutex);
    EXPECT_EQ(request.target, "/loki/api/v1/push");
    EXPECT_EQ(request.headers.at("x-scope-orgid"), "shop");
    EXPECT_EQ(request.headers.at("content-type"), "application/json");
    const json body = json::parse(request.body);
    for (const auto& stream : body.at("streams")) {
      for (const auto& [name, value] : stream.at("stream").items()) EXPECT_TRUE(value.is_string()) << name;
      streams.push_back(stream);
    }
    return {.status = 204};
  });
  store_json("web-1", R"({"MESSAGE":"one","PRIORITY":"3"})");
  store_json("web-2", R"({"MESSAGE":"two"})");
  store_json("web-1", R"({"MESSAGE":"three \u00e4","PRIORITY":"3"})");
  const auto output = start(kLokiOutput, "{ type: loki, url: '" + server.url() +
                                             "/', from: beginning, tenant: shop, labels: { host: '{sender}', level: "
                                             "'{level}' } }");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 3; })) << output->status().error;
  std::lock_guard lock(mutex);
  std::map<std::string, std::vector<std::string>> lines;
  for (const auto& stream : streams) {
    for (const auto& value : stream["values"]) {
      EXPECT_EQ(value[0], "1768660200000000000");
      lines[stream["stream"].dump()].push_back(value[1]);
    }
  }
  EXPECT_THAT(lines[R"({"host":"web-1","level":"err"})"], ElementsAre("one", "three \u00e4"));
  EXPECT_THAT(lines[R"({"host":"web-2"})"], ElementsAre("two"));
}

// ---- what a configuration may say

TEST_F(WebOutputs, AConfigurationThatCannotWorkIsRefused) {
  const auto wrong = [](const OutputType& type, const std::string& yaml) {
    const auto settings = test::read_settings(type, yaml);
    return settings ? std::string("it is taken") : settings.error().message;
  };
  EXPECT_THAT(wrong(kHttpOutput, "{ type: http }"), HasSubstr("is missing, e.g."));
  EXPECT_THAT(wrong(kHttpOutput, "{ type: http, url: 'ftp://a' }"), HasSubstr("must begin with http"));
  EXPECT_THAT(wrong(kHttpOutput, "{ type: http, url: 'https://u:p@a' }"), HasSubstr("must not have a user"));
  EXPECT_THAT(wrong(kHttpOutput, "{ type: http, url: 'http://a.example', token_file: t }"), HasSubstr("plaintext"));
  EXPECT_THAT(wrong(kHttpOutput, "{ type: http, url: 'http://127.0.0.1.example', token_file: t }"),
              HasSubstr("plaintext"));
  EXPECT_EQ(wrong(kHttpOutput, "{ type: http, url: 'http://a.example', token_file: t, plaintext: true }"),
            "it is taken");
  EXPECT_EQ(wrong(kHttpOutput, "{ type: http, url: 'http://127.0.0.1:80', token_file: t }"), "it is taken");
  EXPECT_THAT(wrong(kHttpOutput, "{ type: http, url: 'https://a', headers: { A: '{nobody}' } }"),
              HasSubstr("is not one of"));
  EXPECT_THAT(wrong(kElasticsearchOutput, "{ type: elasticsearch, url: 'https://a', index: 'a{' }"),
              HasSubstr("written twice"));
  EXPECT_THAT(wrong(kLokiOutput, "{ type: loki, url: 'https://a', labels: { 1a: x } }"), HasSubstr("is no label"));
  EXPECT_THAT(wrong(kLokiOutput, "{ type: loki, url: 'https://a', user: x }"), HasSubstr("belong together"));
}

}  // namespace
}  // namespace towld

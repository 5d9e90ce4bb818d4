// GET /files and /query over a store with several files, one of them open.
#include "http_api/query.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "http_api/file_list.hpp"
#include "http_api/patterns.hpp"
#include "ingest/ingest.hpp"
#include "log/logger.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using Json = nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr towl::Timestamp kStart = 1'768'660'200'000'000'000;
constexpr std::uint64_t kFileEntries = 100;
constexpr std::uint64_t kEntries = 350;

std::string text_of(std::uint64_t number) { return "entry " + std::to_string(number) + " of many"; }

class HttpQuery : public testing::Test {
 protected:
  HttpQuery() {
    auto ingest = Ingest::start({.path = folder_.path(), .partition = {.max_entries = kFileEntries}},
                                make_logger({.level = LogLevel::error}));
    EXPECT_TRUE(ingest) << ingest.error().to_string();
    ingest_ = std::move(*ingest);
    std::vector<towl::Entry> entries;
    for (std::uint64_t i = 0; i < kEntries; ++i) {
      const bool journal = i % 10 == 0;
      entries.emplace_back(
          "host-" + std::to_string(i % 3), kStart + static_cast<towl::Timestamp>(i) * towl::kNanosecondsPerSecond,
          journal ? towl::LogFormat::journal_json : towl::LogFormat::text,
          journal ? R"({"MESSAGE":")" + text_of(i) + R"(","PRIORITY":")" + std::to_string(i / 10 % 8) + R"("})"
                  : text_of(i));
    }
    store(entries);
    catalog_.emplace(ingest_->reader(), ingest_->state());
  }

  void store(const std::vector<towl::Entry>& entries, Durability durability = Durability::synced) {
    std::promise<bool> stored;
    Batch batch;
    batch.durability = durability;
    batch.entries = towl::test::views(entries);
    batch.done = [&](const auto& result) { stored.set_value(result.has_value()); };
    ingest_->submit(std::move(batch));
    EXPECT_TRUE(stored.get_future().get());
  }

  HttpResponse ask(const std::string& query, const QueryLimits& limits = {}) {
    HttpRequest request;
    request.query = query;
    return query_entries(*catalog_, request, limits);
  }

  Json json(const std::string& query, const QueryLimits& limits = {}) {
    const auto response = ask(query, limits);
    EXPECT_EQ(response.status, 200u) << query << ": " << response.body;
    return Json::parse(response.body, nullptr, false);
  }

  /// The numbers of the entries found, which are file and ordinal together.
  std::vector<std::uint64_t> found(const std::string& query) {
    std::vector<std::uint64_t> numbers;
    const auto answer = json(query);
    for (const auto& entry : answer["entries"]) {
      numbers.push_back((entry["file_id"].get<std::uint64_t>() - 1) * kFileEntries +
                        entry["ordinal"].get<std::uint64_t>());
    }
    return numbers;
  }

  HttpResponse ask_patterns(const std::string& query, const QueryLimits& limits = {}) {
    HttpRequest request;
    request.query = query;
    return query_patterns(*catalog_, request, limits);
  }

  Json patterns(const std::string& query, const QueryLimits& limits = {}) {
    const auto response = ask_patterns(query, limits);
    EXPECT_EQ(response.status, 200u) << query << ": " << response.body;
    return Json::parse(response.body, nullptr, false);
  }

  Json files(const std::string& query) {
    HttpRequest request;
    request.query = query;
    const auto response = list_files(*catalog_, request);
    EXPECT_EQ(response.status, 200u) << response.body;
    return Json::parse(response.body, nullptr, false);
  }

  towl::test::TempFolder folder_;
  std::unique_ptr<Ingest> ingest_;
  std::optional<towl::Catalog> catalog_;
};

TEST_F(HttpQuery, FilesAreListedAsFarAsTheyAreDurable) {
  const auto all = files("");
  ASSERT_EQ(all["files"].size(), 4u);
  EXPECT_EQ(all["files"][0]["count"], kFileEntries);
  EXPECT_EQ(all["files"][3]["count"], 50);
  EXPECT_EQ(all["files"][3]["state"], "open");
  EXPECT_EQ(all["files"][0]["title"], "log");
  EXPECT_EQ(all["files"][1]["first"], towl::format_rfc3339(kStart + 100 * towl::kNanosecondsPerSecond).view());
  EXPECT_FALSE(all.contains("next_after"));
  const auto some = files("after=1&limit=2");
  EXPECT_EQ(some["files"].size(), 2u);
  EXPECT_EQ(some["next_after"], 3);
  HttpRequest wrong;
  wrong.query = "limit=0";
  EXPECT_EQ(list_files(*catalog_, wrong).status, 400u);
}

TEST_F(HttpQuery, OneFileIsFoundByItsId) {
  const auto ask_file = [&](const std::string& path) {
    HttpRequest request;
    request.path = path;
    return describe_file(*catalog_, request);
  };
  EXPECT_EQ(Json::parse(ask_file("/files/2").body)["file_id"], 2);
  EXPECT_EQ(ask_file("/files/99").status, 404u);
  EXPECT_EQ(ask_file("/files/0").status, 404u);
  EXPECT_EQ(ask_file("/files/2x").status, 400u);
  EXPECT_EQ(ask_file("/files/../etc").status, 400u);
  EXPECT_EQ(ask_file("/files/99999999999999999999999").status, 400u);
}

TEST_F(HttpQuery, EntriesAreFoundByTextSenderLevelAndTime) {
  EXPECT_EQ(found("limit=10000").size(), kEntries);
  EXPECT_THAT(found("q=entry+123+of"), ElementsAre(123));
  EXPECT_THAT(found("regex=entry+12[34]+"), ElementsAre(123, 124));
  EXPECT_THAT(found("q=+12&regex=[56]%20of"), ElementsAre(125, 126));
  EXPECT_THAT(found("q=no+such+text"), IsEmpty());
  EXPECT_EQ(found("sender=host-1&limit=10000").size(), 117u);
  EXPECT_THAT(found("level=alert&limit=4"), ElementsAre(0, 10, 80, 90));
  EXPECT_EQ(found("level=debug&limit=10000").size(), 35u);
  EXPECT_THAT(found("start=" + std::string(towl::format_rfc3339(kStart + 199 * towl::kNanosecondsPerSecond).view()) +
                    "&end=" + std::to_string(kStart / towl::kNanosecondsPerSecond + 202)),
              ElementsAre(199, 200, 201));
  EXPECT_THAT(found("start=now"), IsEmpty());
  // All that towlctl's -S takes.
  EXPECT_THAT(found("start=1h%20ago"), IsEmpty());
  EXPECT_THAT(found("start=2%20hours%20ago"), IsEmpty());
  EXPECT_EQ(found("start=yesterday&limit=10000"), found("start=-2d&limit=10000"));
  EXPECT_EQ(found("start=1768660200&limit=10000").size(), 350u);
  EXPECT_EQ(found("start=@1768660200&limit=10000").size(), 350u);
  EXPECT_EQ(found("level=critical&limit=10000"), found("level=crit&limit=10000"));
  EXPECT_EQ(found("level=err..alert&limit=10000").size(),
            found("level=err&limit=10000").size() - found("level=emerg&limit=10000").size());
  EXPECT_THAT(found("end=-10000d"), IsEmpty());
}

TEST_F(HttpQuery, ACursorGoesOnWhereTheAnswerEnded) {
  std::vector<std::uint64_t> all;
  std::string cursor;
  for (int pages = 0; pages < 20; ++pages) {
    const auto answer = json("sender=host-2&limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& entry : answer["entries"]) {
      all.push_back((entry["file_id"].get<std::uint64_t>() - 1) * kFileEntries + entry["ordinal"].get<std::uint64_t>());
    }
    if (!answer.contains("cursor")) break;
    cursor = answer["cursor"];
  }
  ASSERT_EQ(all.size(), 116u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i], 3 * i + 2);
}

TEST_F(HttpQuery, BackwardsTheNewestComesFirstAndCursorsGoOn) {
  std::vector<std::uint64_t> all;
  std::string cursor;
  for (int pages = 0; pages < 20; ++pages) {
    const auto answer = json("order=backwards&sender=host-2&limit=10" + (cursor.empty() ? "" : "&cursor=" + cursor));
    for (const auto& entry : answer["entries"]) {
      all.push_back((entry["file_id"].get<std::uint64_t>() - 1) * kFileEntries + entry["ordinal"].get<std::uint64_t>());
    }
    if (!answer.contains("cursor")) break;
    cursor = answer["cursor"];
  }
  std::reverse(all.begin(), all.end());
  EXPECT_EQ(all, found("sender=host-2&limit=10000"));
  EXPECT_EQ(ask("order=sideways").status, 400u);
}

TEST_F(HttpQuery, EndsOnceNobodyWaits) {
  std::stop_source gone;
  gone.request_stop();
  HttpRequest request;
  request.gone = gone.get_token();
  for (const char* query : {"limit=10000", "query=*|count()", "order=backwards&limit=10000"}) {
    request.query = query;
    EXPECT_EQ(query_entries(*catalog_, request).status, 503u) << query;
  }
  EXPECT_EQ(query_histogram(*catalog_, HttpRequest(request)).status, 503u);
}

TEST_F(HttpQuery, WhatExceedsALimitNamesTheSetting) {
  EXPECT_THAT(ask("query=*|sort%20by%20(sender)", {.memory = 1000}).body, HasSubstr("query.max_memory"));
  EXPECT_THAT(ask("query=*|count()", {.time = std::chrono::nanoseconds(0)}).body, HasSubstr("query.max_time"));
  EXPECT_THAT(ask("query=aaaaaaaaaaaaaaaaa", {.expression_bytes = 10}).body, HasSubstr("query.max_expression"));
  EXPECT_THAT(ask("query=*|uniq%20by%20(_msg)", {.entries = 20}).body, HasSubstr("limit reached"));
}

TEST_F(HttpQuery, AnAnswerIsBoundedInSizeAndTime) {
  const auto small = json("limit=10000", {.bytes = 1000});
  EXPECT_LT(small["entries"].size(), 20u);
  EXPECT_TRUE(small.contains("cursor"));
  const auto late = json("q=nowhere", {.time = std::chrono::milliseconds(0)});
  EXPECT_TRUE(late["entries"].empty());
  EXPECT_TRUE(late.contains("cursor"));
  EXPECT_EQ(json("")["entries"].size(), 100u);
}

TEST_F(HttpQuery, FormatsAreLinesAndText) {
  const auto lines = ask("format=ndjson&limit=2");
  EXPECT_EQ(lines.content_type, "application/x-ndjson");
  EXPECT_EQ(std::count(lines.body.begin(), lines.body.end(), '\n'), 2);
  ASSERT_EQ(lines.headers.size(), 1u);
  EXPECT_EQ(lines.headers[0].second, "1:2");
  const auto second = Json::parse(lines.body.substr(lines.body.find('\n')));
  EXPECT_EQ(second["log_entry"], text_of(1));
  EXPECT_EQ(second["sender"], "host-1");
  store({{"evil\nhost", kStart, towl::LogFormat::text, "a\x1b[31m\nb"}});
  const auto text = ask("format=text&cursor=4:49");
  EXPECT_EQ(text.body, "2026-01-17T14:35:49Z host-1 entry 349 of many\n2026-01-17T14:30:00Z evil host a [31m b\n");
  EXPECT_THAT(ask("format=text&limit=1").body, HasSubstr(" host-0 entry 0 of many\n"));
}

TEST_F(HttpQuery, WhatIsNotDurableIsNotFound) {
  // Written and synced a second later: what is found until then must be known to be durable.
  store({{"host", kStart, towl::LogFormat::text, "not yet"}}, Durability::written);
  const auto durable = catalog_->files()->open->index.count;
  const auto numbers = found("cursor=4:0&limit=10000");
  EXPECT_LE(numbers.size(), catalog_->files()->open->index.count);
  EXPECT_GE(numbers.size(), durable);
}

TEST_F(HttpQuery, ADamagedFileIsNamedAndTheOthersAreSearched) {
  {
    std::fstream file(folder_ / "2.towl", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(folder_ / "2.towl") * 3 / 4));
    file.write("damaged!", 8);
  }
  const auto answer = json("limit=10000");
  EXPECT_LT(answer["entries"].size(), kEntries);
  EXPECT_GE(answer["entries"].size(), kEntries - kFileEntries);
  ASSERT_GE(answer["errors"].size(), 1u);
  EXPECT_THAT(answer["errors"][0].get<std::string>(), HasSubstr("file 2"));
}

// What is searched is the message, as grep has it.
TEST_F(HttpQuery, TheMessageIsSearchedNotWhatStandsAroundIt) {
  EXPECT_THAT(found("q=MESSAGE"), IsEmpty());
  EXPECT_EQ(found("regex=^entry&limit=10000").size(), kEntries) << "journal entries too";
  EXPECT_EQ(found("query=_raw:MESSAGE&limit=10000").size(), 35u);
}

TEST_F(HttpQuery, TheLanguageIsTaken) {
  EXPECT_THAT(found("query=%22entry%20123%22"), ElementsAre(123));
  EXPECT_THAT(found("query=level:%3E=alert&limit=4"), ElementsAre(0, 10, 80, 90));
  EXPECT_THAT(found("query=sender:host-1%20~%22entry%201.%20%22&start=@0"), ElementsAre(10, 13, 16, 19));
  const auto table = json("query=*|stats%20by%20(sender)%20count()%20n");
  ASSERT_EQ(table["rows"].size(), 3u);
  EXPECT_EQ(table["rows"][1], (Json{{"sender", "host-1"}, {"n", 117}}));
  EXPECT_EQ(ask("query=a%20(b").status, 400u);
  EXPECT_THAT(ask("query=a%20(b").body, HasSubstr("column"));
  EXPECT_EQ(ask("query=*|sort%20by%20(sender)", {.memory = 1000}).status, 413u);
  EXPECT_EQ(ask("query=*|count()", {.time = std::chrono::milliseconds(0)}).status, 413u);
}

TEST_F(HttpQuery, AHistogramCountsByTime) {
  HttpRequest request;
  request.query = "step=100s&sender=host-0";
  const auto answer = Json::parse(query_histogram(*catalog_, request).body);
  std::uint64_t sum = 0;
  for (const auto& row : answer["rows"]) sum += row["hits"].get<std::uint64_t>();
  EXPECT_EQ(sum, 117u);
  EXPECT_GE(answer["rows"].size(), 4u);
  request.query = "step=never";
  EXPECT_EQ(query_histogram(*catalog_, request).status, 400u);
}

TEST_F(HttpQuery, PatternsAreCountedWithAnExampleEach) {
  const auto all = patterns("");
  ASSERT_EQ(all["rows"].size(), 1u) << all;
  EXPECT_EQ(all["rows"][0]["pattern"], "entry <*> of many");
  EXPECT_EQ(all["rows"][0]["count"], kEntries);
  const std::string example = all["rows"][0]["example"];
  HttpRequest request;
  request.path = "/entry/" + example.substr(std::string("towl://").size());
  EXPECT_EQ(Json::parse(describe_entry(*catalog_, request).body)["ordinal"], 0);
  EXPECT_EQ(all.size(), 1u) << "it says that it is not about all: " << all;
}

TEST_F(HttpQuery, PatternsAreOfWhatIsSelected) {
  const auto count = [&](const std::string& query) {
    const auto rows = patterns(query)["rows"];
    return rows.empty() ? 0 : rows[0]["count"].get<std::uint64_t>();
  };
  EXPECT_EQ(count("sender=host-1"), 117u);
  EXPECT_EQ(count("level=debug"), 35u);
  EXPECT_EQ(count("q=+12&regex=[56]%20of"), 2u);
  EXPECT_EQ(count("query=sender:host-1%20~%22entry%201.%20%22"), 4u);
  EXPECT_EQ(count("q=no+such+text"), 0u);
  const std::string start(towl::format_rfc3339(kStart + 199 * towl::kNanosecondsPerSecond).view());
  EXPECT_EQ(count("start=" + start), 151u);
  EXPECT_EQ(count("end=" + start), 199u);
  EXPECT_EQ(count("sender=host-1&start=" + start), 51u);
  EXPECT_EQ(count("new-since=" + start), 0u);
  EXPECT_EQ(count("start=" + start + "&new-since=" + start), 151u);
  store({{"host-9", kStart + 500 * towl::kNanosecondsPerSecond, towl::LogFormat::text, "panic: 17 times"}});
  const auto fresh = patterns("new-since=" + start);
  ASSERT_EQ(fresh["rows"].size(), 1u);
  EXPECT_EQ(fresh["rows"][0]["pattern"], "panic: <*> times");
  const auto most = patterns("limit=1");
  EXPECT_EQ(most["rows"].size(), 1u);
  EXPECT_EQ(most["more"], 1);
}

TEST_F(HttpQuery, PatternsOfAPartAreMarkedAndNeverCalledNew) {
  const auto late = patterns("", {.time = std::chrono::nanoseconds(0)});
  EXPECT_EQ(late["not_looked_at"], kEntries);
  const auto refused = ask_patterns("new-since=-1h", {.time = std::chrono::nanoseconds(0)});
  EXPECT_EQ(refused.status, 413u);
  EXPECT_THAT(refused.body, HasSubstr("query.max_time"));
  EXPECT_EQ(patterns("", {.memory = 100})["others"], kEntries);
  EXPECT_EQ(patterns("", {.bytes = 5})["more"], 1);
  std::stop_source gone;
  gone.request_stop();
  HttpRequest request;
  request.gone = gone.get_token();
  EXPECT_EQ(query_patterns(*catalog_, request).status, 503u);
}

TEST_F(HttpQuery, WrongQuestionsForPatternsAreRefused) {
  for (const char* query : {"query=a%20(b", "query=*|count()", "regex=(", "new-since=whenever", "start=", "limit=0",
                            "limit=10001", "order=backwards", "cursor=1:2", "new_since=-1h"}) {
    EXPECT_EQ(ask_patterns(query).status, 400u) << query;
  }
  EXPECT_THAT(ask_patterns("query=*|count()").body, HasSubstr("pipes"));
}

TEST_F(HttpQuery, AnEntryIsFoundByItsAddress) {
  const auto entry = json("query=%22entry%20123%22")["entries"][0];
  HttpRequest request;
  request.path = "/entry/" + entry["file_uuid"].get<std::string>() + "/" + std::to_string(entry["ordinal"].get<int>());
  EXPECT_EQ(Json::parse(describe_entry(*catalog_, request).body), entry);
  request.path = "/entry/2:23";
  EXPECT_EQ(Json::parse(describe_entry(*catalog_, request).body), entry);
  for (const auto& [path, status] : std::vector<std::pair<std::string, unsigned>>{
           {"/entry/x", 400}, {"/entry/9:1", 404}, {"/entry/2:1000", 404}, {"/entry/", 400}}) {
    request.path = path;
    EXPECT_EQ(describe_entry(*catalog_, request).status, status) << path;
  }
}

TEST_F(HttpQuery, WrongQuestionsAreRefused) {
  for (const char* query : {"level=loud", "level=", "start=", "end=", "level=err..", "limit=0", "limit=10001",
                            "limit=x", "cursor=1", "cursor=0:1", "cursor=a:b", "cursor=1:2:3", "format=xml",
                            "start=yesterday-ish", "regex=(", "regex=(a+)\\1", "colour=red", "q=%zz"}) {
    const auto response = ask(query);
    EXPECT_EQ(response.status, 400u) << query << ": " << response.body;
  }
  EXPECT_EQ(ask("q=" + std::string(5000, 'x')).status, 400u);
  EXPECT_THAT(ask("colour=red").body, HasSubstr("level, sender, q, regex, query"));
}

}  // namespace
}  // namespace towld

// Query over gRPC: the same answers as the engine, /query and a plain loop give; it ends with its client and in time.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <random>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/query/entry_test.hpp"
#include "towl/query/language.hpp"
#include "towl/query/search.hpp"
#include "towld/http/http_client.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using Place = std::pair<FileId, Ordinal>;
using Places = std::vector<Place>;

class Query : public testing::Test {
 protected:
  void start(const std::string& more = "") {
    std::ofstream(folder_ / "towld.yaml") << "store: { partition: { max_entries: 400 } }\n" << more << "\n";
    collector_.reset();
    collector_ =
        std::make_unique<Collector>(folder_ / "store", std::vector<std::string>{"--config", folder_ / "towld.yaml"});
  }

  void store(const std::vector<Entry>& entries) {
    for (std::size_t i = 0; i < entries.size(); i += 1000) {
      const auto end = entries.begin() + static_cast<std::ptrdiff_t>(std::min(entries.size(), i + 1000));
      const std::vector<Entry> some(entries.begin() + static_cast<std::ptrdiff_t>(i), end);
      ASSERT_TRUE(append(collector_->stub(), {make_request(some)}).status.ok());
    }
  }

  struct Answer {
    grpc::Status status;
    Places places;
    std::vector<v1::FoundEntry> entries;
    std::vector<std::string> rows;
    std::vector<std::string> unread;
    std::string cursor;
    v1::QueryEndReason end = v1::QUERY_END_REASON_UNSPECIFIED;
  };

  static v1::QueryRequest request(const std::string& expression) {
    v1::QueryRequest request;
    request.set_expression(expression);
    return request;
  }

  Answer ask(const v1::QueryRequest& request) {
    grpc::ClientContext context;
    const auto stream = collector_->stub().Query(&context, request);
    Answer answer;
    for (v1::QueryResponse response; stream->Read(&response);) {
      for (const auto& entry : response.entries()) {
        answer.places.emplace_back(entry.file_id(), entry.ordinal());
        answer.entries.push_back(entry);
      }
      answer.rows.insert(answer.rows.end(), response.rows().begin(), response.rows().end());
      for (const auto& part : response.unread()) answer.unread.push_back(part.reason());
      answer.cursor = response.cursor();
      EXPECT_EQ(answer.end, v1::QUERY_END_REASON_UNSPECIFIED) << "something came after the end";
      answer.end = response.end();
    }
    answer.status = stream->Finish();
    return answer;
  }
  Answer ask(const std::string& expression) { return ask(request(expression)); }

  /// What GET /query finds.
  Places ask_http(const std::string& expression) {
    if (!http_) {
      constexpr std::string_view kMark = "HTTP on ";
      const std::string said = collector_->process().err();
      const auto at = said.find(kMark);
      if (at == std::string::npos) return {};
      http_address_ = said.substr(at + kMark.size(), said.find_first_of("\"\n", at) - at - kMark.size());
      http_.emplace(http_address_);
    }
    std::string path = "/query?limit=10000&query=";
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    for (const char c : expression) {
      const auto byte = static_cast<unsigned char>(c);
      path += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
    const HttpAnswer answer = http_->ask("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(answer.status, 200) << answer.body;
    Places places;
    const auto found = json::parse(answer.body, nullptr, false);
    for (const auto& entry : found["entries"]) {
      places.emplace_back(entry["file_id"].get<FileId>(), entry["ordinal"].get<Ordinal>());
    }
    return places;
  }

  std::vector<SearchFile> files() const {
    std::vector<SearchFile> files;
    for (FileId id = 1; fs::exists(path_of(id)); ++id) files.push_back({.path = path_of(id)});
    return files;
  }
  fs::path path_of(FileId id) const { return folder_ / "store" / (std::to_string(id) + ".towl"); }

  TempFolder folder_;
  std::unique_ptr<Collector> collector_;
  std::optional<HttpClient> http_;
  std::string http_address_;
};

std::vector<Entry> some_entries(std::mt19937& random, std::size_t count) {
  const std::vector<std::string> words = {"disk", "full", "Disk", "error_1", "a-b",       "x=y", "42",
                                          "sda1", " ",    ", ",   "\n",      "caf\u00e9", "\xff"};
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < count; ++i) {
    std::string text;
    for (int j = 0; j < 6; ++j) text += words[random() % words.size()];
    const bool journal = i % 4 == 0;
    if (journal) {
      text = R"({"MESSAGE":"disk )" + std::to_string(random() % 50) + R"( full","PRIORITY":")" + std::to_string(i % 8) +
             R"(","user":"u)" + std::to_string(i % 7) + R"("})";
    }
    entries.emplace_back("host-" + std::to_string(i % 5),
                         1'768'660'200'000'000'000 + static_cast<Timestamp>(i) * kNanosecondsPerSecond,
                         journal ? LogFormat::journal_json : LogFormat::text, text);
  }
  return entries;
}

std::string some_expression(std::mt19937& random, int depth) {
  const std::vector<std::string> tests = {"disk",
                                          "\"disk full\"",
                                          "dis*",
                                          "*isk*",
                                          "i(DISK)",
                                          "~\"^disk [0-9]+\"",
                                          "~\"error_.|caf\"",
                                          "=\"disk 7 full\"",
                                          "level:>=err",
                                          "level:warning..crit",
                                          "sender:=host-1",
                                          "sender:~\"[34]$\"",
                                          "user:u3",
                                          "user:*",
                                          "user:\"\"",
                                          "*:u5",
                                          "_raw:MESSAGE",
                                          "_ordinal:<77",
                                          "_file_id:>2",
                                          "_time:[2026-01-17T14:31:00Z, 2026-01-17T14:40:00Z)",
                                          "grep(\"-iw\", \"full\", \"x=y\")",
                                          "seq(a, b)",
                                          "len_range(5, 20)",
                                          "in(\"disk 1 full\", \"disk 2 full\")",
                                          "zzz"};
  if (depth == 0 || random() % 3 == 0) return tests[random() % tests.size()];
  const std::string a = some_expression(random, depth - 1);
  const std::string b = some_expression(random, depth - 1);
  switch (random() % 3) {
    case 0:
      return "(" + a + " " + b + ")";
    case 1:
      return "(" + a + " or " + b + ")";
    default:
      return "!(" + a + ")";
  }
}

// One question, four doors: a plain loop, the engine, Query and /query. towlctl is asked in tests/end_to_end/server_test.cpp.
TEST_F(Query, EveryDoorGivesWhatAPlainLoopDoes) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  start();
  store(some_entries(random, 2000));
  const auto all = files();
  ASSERT_EQ(all.size(), 5u);
  for (int round = 0; round < 300 && !HasFailure(); ++round) {
    const std::string text = some_expression(random, 2);
    SCOPED_TRACE(text);
    const auto expression = parse_expression(text, now());
    ASSERT_TRUE(expression) << expression.error().message;
    Places wanted;
    auto test = EntryTest::create(*expression);
    ASSERT_TRUE(test);
    for (const SearchFile& file : all) {
      auto reader = FileReader::open(file.path);
      for (auto entry = reader->next(); entry && *entry; entry = reader->next()) {
        if (test->passes(**entry, reader->header(), reader->ordinal())) {
          wanted.emplace_back(reader->header().file_id, reader->ordinal());
        }
      }
    }
    Places searched;
    auto search = Search::create(all, *expression);
    for (;;) {
      const Outcome outcome = search->next();
      const auto* found = std::get_if<FoundEntry>(&outcome);
      if (found == nullptr) break;
      searched.emplace_back(found->file_id(), found->ordinal);
    }
    ASSERT_EQ(searched, wanted);
    const Answer answer = ask(text);
    ASSERT_TRUE(answer.status.ok()) << answer.status.error_message();
    ASSERT_EQ(answer.places, wanted);
    EXPECT_EQ(answer.end, v1::QUERY_END_REASON_DONE);
    ASSERT_EQ(ask_http(text), wanted);
    auto backwards = request(text);
    backwards.set_order(v1::QUERY_ORDER_BACKWARDS);
    Places reversed = ask(backwards).places;
    std::reverse(reversed.begin(), reversed.end());
    ASSERT_EQ(reversed, wanted);
    const auto counted = ask(text + " | count() n");
    ASSERT_THAT(counted.rows, ElementsAre("{\"n\":" + std::to_string(wanted.size()) + "}"));
  }
}

TEST_F(Query, GivesEntriesThatNeedNoKnowledgeOfTheFormat) {
  start();
  store({Entry("web-1", 1'768'660'200'000'000'000, LogFormat::text, "hello"),
         Entry("web-2", 1'768'660'201'000'000'000, LogFormat::journal_json,
               R"({"MESSAGE":"disk full","PRIORITY":"2"})")});
  const Answer answer = ask("");
  ASSERT_EQ(answer.entries.size(), 2u);
  const v1::FoundEntry& text = answer.entries[0];
  EXPECT_EQ(text.sender(), "web-1");
  EXPECT_EQ(text.time(), 1'768'660'200'000'000'000);
  EXPECT_GT(text.received(), text.time());
  EXPECT_EQ(text.log_entry(), "hello");
  EXPECT_FALSE(text.has_message());
  EXPECT_FALSE(text.has_level());
  EXPECT_EQ(text.file_uuid().size(), 16u);
  const v1::FoundEntry& journal = answer.entries[1];
  EXPECT_EQ(journal.message(), "disk full");
  EXPECT_EQ(journal.level(), 2u);
  EXPECT_EQ(journal.log_format(), v1::LOG_FORMAT_JOURNAL_JSON);
  auto bare = request("");
  bare.set_without_text(true);
  EXPECT_EQ(ask(bare).entries[1].log_entry(), "");
  EXPECT_EQ(ask(bare).places, answer.places);
}

TEST_F(Query, PartsLimitsNeighboursAndCursorsAreTaken) {
  start();
  store(numbered_entries(0, 1000));
  auto part = request("");
  part.add_files()->set_file_id(3);
  part.mutable_files(0)->set_first(150);
  EXPECT_EQ(ask(part).places.front(), Place(3, 150));
  EXPECT_EQ(ask(part).places.size(), 50u);
  part.mutable_files(0)->set_end(153);
  EXPECT_THAT(ask(part).places, ElementsAre(Place(3, 150), Place(3, 151), Place(3, 152)));
  part.add_files()->set_file_id(99);
  EXPECT_EQ(ask(part).status.error_code(), grpc::StatusCode::NOT_FOUND);

  for (const bool backwards : {false, true}) {
    auto pages = request("sender:=host-1");
    if (backwards) pages.set_order(v1::QUERY_ORDER_BACKWARDS);
    const Places all = ask(pages).places;
    ASSERT_EQ(all.size(), 333u);
    pages.set_limit(50);
    Places paged;
    for (int i = 0; i < 20; ++i) {
      const Answer page = ask(pages);
      paged.insert(paged.end(), page.places.begin(), page.places.end());
      if (page.end == v1::QUERY_END_REASON_DONE) break;
      EXPECT_EQ(page.end, v1::QUERY_END_REASON_LIMIT);
      pages.set_cursor(page.cursor);
    }
    EXPECT_EQ(paged, all);
  }

  auto context = request("\"entry 500\"");
  context.set_before(2);
  context.set_after(1);
  const Answer near = ask(context);
  EXPECT_THAT(near.places, ElementsAre(Place(2, 98), Place(2, 99), Place(2, 100), Place(2, 101)));
  EXPECT_TRUE(near.entries[0].is_neighbour());
  EXPECT_FALSE(near.entries[2].is_neighbour());

  auto range = request("");
  range.set_since(numbered_entry(10).time());
  range.set_until(numbered_entry(12).time());
  EXPECT_THAT(ask(range).places, ElementsAre(Place(1, 10), Place(1, 11)));
}

TEST_F(Query, WhatMakesNoSenseOrIsTooMuchSaysWhy) {
  start("query: { max_memory: 4KiB, max_rows: 10, max_expression: 100 }");
  store(numbered_entries(0, 500));
  const auto refused = [&](const v1::QueryRequest& request, grpc::StatusCode code, const std::string& why) {
    const Answer answer = ask(request);
    EXPECT_EQ(answer.status.error_code(), code) << answer.status.error_message();
    EXPECT_THAT(answer.status.error_message(), HasSubstr(why));
  };
  refused(request("a (b"), grpc::StatusCode::INVALID_ARGUMENT, "column");
  refused(request("~\"(\""), grpc::StatusCode::INVALID_ARGUMENT, "");
  refused(request(std::string(101, 'a')), grpc::StatusCode::INVALID_ARGUMENT, "query.max_expression");
  auto wrong = request("");
  wrong.set_cursor("x");
  refused(wrong, grpc::StatusCode::INVALID_ARGUMENT, "cursor");
  wrong = request("* | count()");
  wrong.set_follow(true);
  refused(wrong, grpc::StatusCode::INVALID_ARGUMENT, "follows");
  refused(request("* | sort by (_msg)"), grpc::StatusCode::RESOURCE_EXHAUSTED, "query.max_memory");
  const Answer rows = ask("_ordinal:<20 | fields _msg");
  EXPECT_EQ(rows.rows.size(), 10u);
  EXPECT_EQ(rows.end, v1::QUERY_END_REASON_ROWS);
}

TEST_F(Query, FollowsOverPartitionsAndGoesOnFromItsCursor) {
  start("");
  store(numbered_entries(0, 10));
  std::uint64_t next = 0;
  std::string cursor;
  for (int round = 0; round < 3; ++round) {
    auto follow = request("");
    follow.set_follow(true);
    follow.set_cursor(cursor);
    grpc::ClientContext context;
    const auto stream = collector_->stub().Query(&context, follow);
    store(numbered_entries(10 + static_cast<std::uint64_t>(round) * 500, 500));
    const std::uint64_t wanted = 10 + static_cast<std::uint64_t>(round) * 500 + 250;
    for (v1::QueryResponse response; next < wanted && stream->Read(&response);) {
      for (const auto& entry : response.entries()) {
        ASSERT_EQ(entry.log_entry(), numbered_text(next));
        ++next;
      }
      if (!response.cursor().empty()) cursor = response.cursor();
    }
    context.TryCancel();
    stream->Finish();
  }
}

// A client that everybody has.
TEST_F(Query, CurlReadsATail) {
  if (run({"curl", "--version"}).code != 0) GTEST_SKIP() << "there is no curl";
  start();
  store(numbered_entries(0, 900));
  ask_http("*");
  const auto ran = run({"curl", "-sN", "--max-time", "2", "-H", "Last-Event-ID: begin",
                        "http://" + http_address_ + "/tail?query=entry"});
  EXPECT_EQ(ran.code, 28) << "it ends when it is told to";
  std::size_t at = 0;
  for (std::uint64_t i = 0; i < 900; ++i) {
    at = ran.out.find("\"log_entry\":\"" + numbered_text(i) + "\"", at);
    ASSERT_NE(at, std::string::npos) << i;
  }
  EXPECT_EQ(ran.out.find("\"log_entry\"", at + 1), std::string::npos);
}

/// Many lines of two letters, and expressions whose automata are large: a search of them takes a minute and more.
class SlowQuery : public Query {
 protected:
  void store_slow() {
    std::mt19937 random(7);
    std::vector<Entry> entries;
    for (int i = 0; i < 3000; ++i) {
      std::string text;
      for (int j = 0; j < 3000; ++j) text += random() % 2 == 0 ? 'a' : 'b';
      entries.emplace_back("host", i, LogFormat::text, std::move(text));
    }
    store(entries);
  }
  static std::string slow() {
    std::string expression;
    for (int i = 40; i < 60; ++i) expression += (i == 40 ? "" : " or ") + ("~\"a[ab]{" + std::to_string(i) + "}c\"");
    return expression;
  }
};

TEST_F(SlowQuery, EndsWithItsClientSoThatOthersHaveTheirTurn) {
  start("query: { threads: 1, max_time: 10m }");
  store_slow();
  grpc::ClientContext context;
  const auto stream = collector_->stub().Query(&context, request(slow()));
  // A question waits for the only thread, until that one's client is gone.
  std::jthread cancel([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    context.TryCancel();
  });
  auto quick = request("");
  quick.set_limit(1);
  EXPECT_EQ(ask(quick).places.size(), 1u);
  stream->Finish();
}

TEST_F(SlowQuery, EndsInTimeWithACursorATableWithAnError) {
  start("query: { max_time: 300ms }");
  store_slow();
  const auto begun = std::chrono::steady_clock::now();
  const Answer answer = ask(slow());
  EXPECT_TRUE(answer.status.ok());
  EXPECT_EQ(answer.end, v1::QUERY_END_REASON_TIME);
  EXPECT_FALSE(answer.cursor.empty());
  const Answer table = ask(slow() + " | count()");
  EXPECT_EQ(table.status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(table.status.error_message(), HasSubstr("query.max_time"));
  // Twice the limit, and what a loaded machine adds; without one it is minutes, and 256 KiB at a time take seconds.
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(6));
}

}  // namespace
}  // namespace towl::test

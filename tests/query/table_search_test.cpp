// make_table() makes the same table with any number of threads, and keeps its limit of memory.
#include "towl/query/table_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <random>

#include "exact_sum.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/query/table_json.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

class TableSearch : public testing::Test {
 protected:
  static constexpr std::size_t kFiles = 5;
  static constexpr std::size_t kEntries = 3000;

  TableSearch() {
    std::printf("seed %u\n", seed_);
    Timestamp time = 1'700'000'000 * kNanosecondsPerSecond;
    for (std::size_t id = 1; id <= kFiles; ++id) {
      const auto path = folder_ / (std::to_string(id) + ".towl");
      auto writer = FileWriter::create(path, {.file_id = static_cast<FileId>(id)});
      EXPECT_TRUE(writer);
      for (std::size_t i = 0; i < kEntries; ++i) {
        time += static_cast<Timestamp>(random_() % 400'000'000);
        EXPECT_TRUE(writer->append(entry(time)));
      }
      if (id == kFiles) {
        EXPECT_TRUE(writer->flush());
      } else {
        EXPECT_TRUE(writer->close());
      }
      if (id < kFiles - 1) {
        EXPECT_TRUE(seal(path, {}));
      }
      files_.push_back({.path = path});
    }
  }

  template <class... Texts>
  std::string one_of(Texts... texts) {
    const std::vector<std::string> all = {texts...};
    return all[random_() % all.size()];
  }

  /// Values that are equal as numbers, values whose sums round, values that are no numbers, and missing values.
  std::string value() {
    switch (random_() % 6) {
      case 0:
        return one_of("1", "1.0", "01", "1a", "9", "10", "-0", "1KiB", "1024", "5ms", "-", "");
      case 1:
        return one_of("0.1", "0.2", "1e17", "-1e17", "1e-9", "9007199254740993", "123456.789");
      case 2:
        return std::to_string(random_() % 100000) + "." + std::to_string(random_() % 1000);
      default:
        return std::to_string(random_() % 50);
    }
  }

  Entry entry(Timestamp time) {
    const std::string user = one_of("alice", "bob", "Carol", "r\xC3\xB6t", "");
    const std::string sender = one_of("web-1", "web-2", "db");
    if (random_() % 4 == 0) return {sender, time, LogFormat::text, "plain line of " + user};
    return {sender, time, LogFormat::journal_json,
            R"({"MESSAGE":"request )" + user + R"(","PRIORITY":")" + std::to_string(random_() % 8) + R"(","user":")" +
                user + R"(","took":")" + value() + R"(","id":")" + std::to_string(random_() % 500) + R"("})"};
  }

  std::string some_query() {
    const std::string filter =
        one_of("*", "request", "user:bob", "_time:<2023-11-14T22:30:00Z", "nowhere", "sender:db");
    const std::string fields = one_of("", "", "", " | fields user, took, id, _time, _msg, level, _sender");
    const std::string by =
        one_of("", "by (level)", "by (user)", "by (_time:1m)", "by (took)", "by (user, _time:5m)", "by (_sender)");
    const std::string function =
        one_of("count()", "count(user)", "count_uniq(id)", "count_uniq(user, id)", "sum(took)", "avg(took)",
               "min(took)", "max(took)", "median(took)", "quantile(0.9, took)", "min(_time)", "max(_msg)");
    const std::string other = one_of("count()", "sum(id)", "quantile(0.25, id)", "count_uniq(took)");
    const std::string pipe =
        one_of("stats " + by + " " + function + " as a, " + other + " as b", "top 7 by (user)", "top 5 by (took)",
               "top 3 by (id, user)", "uniq by (took)", "uniq by (user, id) with hits", "uniq by (id) limit 7",
               "sort by (took desc, id) limit 20 offset 3", "sort by (took)", "sort by (user, id desc) limit 9",
               "limit 100 | stats count(user) as a");
    const std::string after = one_of("", "", " | limit 5", " | sort by (a desc) limit 4", " | fields a, user");
    return filter + fields + " | " + pipe + after;
  }

  Result<TableAnswer> ask(const std::string& text, SearchOptions options, const PipelineOptions& limits = {}) {
    auto query = parse_query(text, {});
    EXPECT_TRUE(query) << text;
    if (!query) return fail(std::move(query.error()));
    return make_table(files_, *query, std::move(options), limits,
                      [&](const Unread& part) { unread_.push_back(part.error.to_string()); });
  }

  static std::string text_of(const Table& table) {
    std::string text;
    for (const std::string& column : table.columns) text += column + ' ';
    for (const TableRow& row : table.rows) text += '\n' + to_json(row);
    return text;
  }

  const unsigned seed_ = std::random_device()();
  std::mt19937 random_{seed_};
  test::TempFolder folder_;
  std::vector<SearchFile> files_;
  std::vector<std::string> unread_;
};

TEST_F(TableSearch, TheTableIsTheSameHoweverManyThreadsMakeIt) {
  for (int round = 0; round < 120 && !HasFailure(); ++round) {
    const std::string text = some_query();
    SCOPED_TRACE(text);
    const Order order = random_() % 2 == 0 ? Order::forwards : Order::backwards;
    const auto wanted = ask(text, {.order = order});
    ASSERT_TRUE(wanted) << wanted.error().to_string();
    for (const unsigned threads : {2U, 4U}) {
      const auto got = ask(text, {.order = order, .threads = threads});
      ASSERT_TRUE(got) << got.error().to_string();
      EXPECT_EQ(text_of(got->table), text_of(wanted->table)) << threads << " threads";
    }
  }
}

// The part that no thread has room for by itself is made in one.
TEST_F(TableSearch, TheLimitOfMemoryIsThatOfAllThreadsTogether) {
  for (const std::string text :
       {"* | stats count_uniq(took) as a", "* | stats by (id) count_uniq(took) as a", "* | top 5 by (id, took)",
        "* | stats quantile(0.5, took) as a", "* | sort by (took)"}) {
    SCOPED_TRACE(text);
    // The least that one thread needs, about.
    std::size_t most = std::size_t{32} << 20;
    while (ask(text, {}, {.max_bytes = most})) most = most * 9 / 10;
    for (const unsigned threads : {1U, 2U, 4U}) {
      const auto refused = ask(text, {.threads = threads}, {.max_bytes = most, .setting = "--this"});
      ASSERT_FALSE(refused) << threads << " threads";
      EXPECT_EQ(refused.error().code, ErrorCode::no_space);
      EXPECT_NE(refused.error().message.find("--this"), std::string::npos);
      const auto enough = ask(text, {.threads = threads}, {.max_bytes = most * 10 / 9 + 64});
      ASSERT_TRUE(enough) << threads << " threads: " << enough.error().to_string();
    }
  }
}

TEST_F(TableSearch, WhatCannotBeReadIsToldOnce) {
  files_.push_back({.path = folder_ / "missing.towl"});
  for (const std::string text :
       {"* | stats by (level) count()", "* | stats by (user) sum(took) as a", "* | limit 100000 | uniq by (id)"}) {
    for (const unsigned threads : {1U, 2U, 4U}) {
      unread_.clear();
      ASSERT_TRUE(ask(text, {.threads = threads}));
      EXPECT_EQ(unread_.size(), 1U) << text;
    }
  }
}

TEST_F(TableSearch, AStoppedSearchGivesNoFigures) {
  std::stop_source stop;
  stop.request_stop();
  for (const std::string text :
       {"* | stats by (level) count()", "* | stats by (user) sum(took) as a", "* | sort by (took)"}) {
    for (const unsigned threads : {1U, 2U, 4U}) {
      const auto answer = ask(text, {.threads = threads, .stop = stop.get_token()});
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->end, SearchEnd::Reason::stopped) << text;
      EXPECT_TRUE(answer->table.rows.empty());
      const auto late = ask(text, {.threads = threads, .deadline = std::chrono::steady_clock::now()});
      ASSERT_TRUE(late);
      EXPECT_EQ(late->end, SearchEnd::Reason::deadline) << text;
      EXPECT_TRUE(late->table.rows.empty());
    }
  }
}

// A search's counters have room for 131,072 groups each.
TEST(TableSearchOfManyGroups, AreCountedOneByOne) {
  const test::TempFolder folder;
  auto writer = FileWriter::create(folder / "1.towl", {.file_id = 1});
  ASSERT_TRUE(writer);
  constexpr std::size_t kSenders = 140'000;
  for (std::size_t i = 0; i < kSenders; ++i) {
    ASSERT_TRUE(writer->append(Entry("host-" + std::to_string(i), static_cast<Timestamp>(i), LogFormat::text, "up")));
  }
  ASSERT_TRUE(writer->close());
  const auto query = parse_query("* | stats by (sender) count() as n | stats count() as hosts, max(n) as most", 0);
  ASSERT_TRUE(query);
  for (const unsigned threads : {1U, 2U}) {
    const auto made = make_table({{.path = folder / "1.towl"}}, *query, {.threads = threads},
                                 {.max_bytes = std::size_t{1} << 30}, {});
    ASSERT_TRUE(made) << made.error().to_string();
    ASSERT_EQ(made->table.rows.size(), 1U);
    EXPECT_EQ(to_json(made->table.rows.front()), R"({"hosts":140000,"most":"1"})");
    const auto refused =
        make_table({{.path = folder / "1.towl"}}, *query, {.threads = threads}, {.max_bytes = 1 << 20}, {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::no_space);
  }
}

TEST(ExactSum, TheOrderAndTheGroupingDoNotMatter) {
  const unsigned seed = std::random_device()();
  std::mt19937_64 random(seed);
  SCOPED_TRACE("seed " + std::to_string(seed));
  for (int round = 0; round < 200; ++round) {
    std::vector<double> numbers;
    for (int i = 0; i < 100; ++i) {
      const double number = static_cast<double>(random()) * std::pow(2.0, static_cast<double>(random() % 200) - 100);
      numbers.push_back(random() % 2 == 0 ? number : -number);
      if (random() % 3 == 0) numbers.push_back(static_cast<double>(random() % (std::uint64_t{1} << 53)));
      if (random() % 5 == 0) numbers.push_back(-numbers[random() % numbers.size()]);
    }
    detail::ExactSum all;
    for (const double number : numbers) all.add(number);
    std::shuffle(numbers.begin(), numbers.end(), random);
    detail::ExactSum left, right;
    for (const double number : numbers) (random() % 2 == 0 ? left : right).add(number);
    left.add(right);
    ASSERT_EQ(left.value(), all.value());
    for (const double number : numbers) left.add(-number);
    ASSERT_EQ(left.value(), 0.0);
  }
  detail::ExactSum thirds;
  for (int i = 0; i < 10; ++i) thirds.add(0.1);
  EXPECT_EQ(thirds.value(), 1.0);
  detail::ExactSum large;
  for (int i = 0; i < 3000; ++i) large.add(9e15);
  EXPECT_EQ(large.value(), 2.7e19);
}

}  // namespace
}  // namespace towl

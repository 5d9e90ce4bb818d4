#include "towl/query/patterns.hpp"

#include <gmock/gmock.h>

#include <random>

#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/query/language.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

using testing::ElementsAre;

constexpr Timestamp kStart = 1'768'660'200'000'000'000;
constexpr std::uint64_t kEntries = 3000;

Entry entry_at(std::uint64_t i) {
  const Timestamp time = kStart + static_cast<Timestamp>(i) * kNanosecondsPerSecond;
  const std::string n = std::to_string(i * 7919 % 100'000);
  switch (i % 10) {
    case 0:
      return {"web-1", time, LogFormat::text, "disk sda" + std::to_string(i % 3) + " is " + n + "% full"};
    case 1:
    case 2:
    case 3:
      return {"web-1", time, LogFormat::text,
              "Accepted password for root from 10.0.0." + std::to_string(i % 200) + " port " + n};
    case 4:
      // From the middle on there is something new.
      if (i > kEntries / 2) return {"web-1", time, LogFormat::text, "panic: attempt " + n + " to divide by zero"};
      [[fallthrough]];
    default:
      return {"web-1", time, LogFormat::journal_json,
              R"({"PRIORITY":"6","_PID":")" + n + R"(","MESSAGE":"request )" + n + R"( took 3 ms for \"a user\""})"};
  }
}

std::uint64_t sum_of(const Patterns& found) {
  std::uint64_t count = found.others;
  for (const EntryPattern& pattern : found.patterns) count += pattern.count;
  return count;
}

class PatternsTest : public testing::Test {
 protected:
  SearchFile write(FileId id, FileFormat format, bool sealed, std::uint64_t entries = kEntries) {
    return write_entries(id, format, sealed, entries, entry_at);
  }

  template <class EntryAt>
  SearchFile write_entries(FileId id, FileFormat format, bool sealed, std::uint64_t entries, EntryAt entry) {
    const auto path = folder_ / (std::to_string(id) + ".towl");
    auto writer = FileWriter::create(path, {.file_id = id, .format = format});
    EXPECT_TRUE(writer);
    for (std::uint64_t i = 0; i < entries; ++i) {
      EXPECT_TRUE(writer->append(entry(i)));
      if (i % 300 == 299) {
        EXPECT_TRUE(writer->flush());
      }
    }
    EXPECT_TRUE(writer->close());
    if (sealed) {
      EXPECT_TRUE(seal(path));
    }
    return {.path = path};
  }

  static Patterns find(const std::vector<SearchFile>& files, const PatternOptions& options = {}) {
    auto found = find_patterns(files, options);
    EXPECT_TRUE(found) << found.error().to_string();
    return std::move(*found);
  }

  static std::vector<std::string> shown(const Patterns& found) {
    EXPECT_TRUE(found.unread.empty());
    EXPECT_EQ(found.others, 0u);
    std::vector<std::string> lines;
    for (const EntryPattern& pattern : found.patterns)
      lines.push_back(std::to_string(pattern.count) + " " + pattern.text);
    return lines;
  }

  test::TempFolder folder_;
};

TEST_F(PatternsTest, AreTheSameForFilesOfAllKinds) {
  const auto wanted =
      ElementsAre("1650 request <*> took <*> ms for \"a user\"", "900 Accepted password for root from <*> port <*>",
                  "300 disk <*> is <*>% full", "150 panic: attempt <*> to divide by zero");
  EXPECT_THAT(shown(find({write(1, FileFormat::v2, true)})), wanted);
  EXPECT_THAT(shown(find({write(2, FileFormat::v2, false)})), wanted);
  EXPECT_THAT(shown(find({write(3, FileFormat::v1, false)})), wanted);
}

TEST_F(PatternsTest, OfSeveralFilesAreMergedWithTheFirstAsExample) {
  const std::vector<SearchFile> files = {write(1, FileFormat::v2, true), write(2, FileFormat::v2, false),
                                         write(3, FileFormat::v1, false)};
  for (const unsigned threads : {1U, 3U}) {
    const Patterns found = find(files, {.threads = threads});
    ASSERT_EQ(found.patterns.size(), 4u);
    EXPECT_EQ(found.patterns[0].count, 3u * 1650);
    EXPECT_EQ(found.patterns[0].example.file, 0u);
    EXPECT_EQ(found.patterns[0].example.ordinal, 4u);
    EXPECT_THAT(found.patterns[0].address, testing::MatchesRegex("towl://[0-9a-f]{32}/4"));
    EXPECT_EQ(found.patterns[3].example.ordinal, 1504u);
  }
}

TEST_F(PatternsTest, WhatIsNewSinceATimeDidNotComeBefore) {
  const std::vector<SearchFile> files = {write(1, FileFormat::v2, true), write(2, FileFormat::v2, false)};
  PatternOptions options{.new_since = kStart + 1502 * kNanosecondsPerSecond};
  EXPECT_THAT(shown(find(files, options)), ElementsAre("300 panic: attempt <*> to divide by zero"));
  options.new_since = kStart + 1700 * kNanosecondsPerSecond;
  EXPECT_THAT(shown(find(files, options)), ElementsAre());
  // What was before is not known then.
  options.since = options.new_since.value();
  EXPECT_EQ(find(files, options).patterns.size(), 4u);
}

TEST_F(PatternsTest, KeepToTimesAndOrdinals) {
  auto file = write(1, FileFormat::v2, true);
  PatternOptions options;
  options.since = kStart + 100 * kNanosecondsPerSecond;
  options.until = kStart + 200 * kNanosecondsPerSecond;
  std::uint64_t count = 0;
  for (const EntryPattern& pattern : find({file}, options).patterns) count += pattern.count;
  EXPECT_EQ(count, 100u);
  file.from = 5;
  file.end = 25;
  count = 0;
  for (const EntryPattern& pattern : find({file}).patterns) count += pattern.count;
  EXPECT_EQ(count, 20u);
}

TEST_F(PatternsTest, WhatIsNotKeptIsCounted) {
  const auto path = folder_ / "9.towl";
  auto writer = FileWriter::create(path, {.file_id = 9});
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    std::string text;
    for (int k = 0; k < 30; ++k) text += static_cast<char>('a' + random() % 26);
    ASSERT_TRUE(writer->append(Entry("h", kStart, LogFormat::text, text + " {prose} " + text)));
  }
  ASSERT_TRUE(writer->close());
  const Patterns found = find({{.path = path}}, {.max_bytes = 20'000});
  std::uint64_t count = found.others;
  for (const EntryPattern& pattern : found.patterns) count += pattern.count;
  EXPECT_EQ(count, 2000u);
}

TEST_F(PatternsTest, WhatCannotBeReadIsTold) {
  const Patterns found = find({write(1, FileFormat::v2, true), {.path = folder_ / "missing.towl"}});
  EXPECT_EQ(found.patterns.size(), 4u);
  ASSERT_EQ(found.unread.size(), 1u);
  EXPECT_EQ(found.unread[0].file, 1u);
}

TEST_F(PatternsTest, OfWhatAnExpressionSelectsAreTheSameForFilesOfAllKinds) {
  const auto parsed = parse_expression("port OR panic", kStart);
  ASSERT_TRUE(parsed);
  const std::vector<SearchFile> files = {write(1, FileFormat::v2, true), write(2, FileFormat::v2, false),
                                         write(3, FileFormat::v1, false)};
  for (const unsigned threads : {1U, 3U}) {
    PatternOptions options{.expression = *parsed, .threads = threads};
    for (const SearchFile& file : files) {
      EXPECT_THAT(shown(find({file}, options)), ElementsAre("900 Accepted password for root from <*> port <*>",
                                                            "150 panic: attempt <*> to divide by zero"));
    }
    options.since = kStart + 1000 * kNanosecondsPerSecond;
    options.until = kStart + 1600 * kNanosecondsPerSecond;
    options.new_since = kStart + 1502 * kNanosecondsPerSecond;
    const Patterns found = find(files, options);
    EXPECT_THAT(shown(found), ElementsAre("30 panic: attempt <*> to divide by zero"));
    // Entries that were skipped do not move the others' ordinals.
    EXPECT_EQ(found.patterns[0].example.ordinal, 1504u);
    EXPECT_EQ(found.patterns[0].example.file, 0u);
  }
  const auto wrong = find_patterns({files[0]}, {.expression = test_of({}, PatternTest{{"a("}, {}})});
  EXPECT_EQ(wrong.error().code, ErrorCode::invalid_argument);
}

// What came once is what somebody looks for: it is shown as it reads, and not among "<*>".
TEST_F(PatternsTest, OfATextThatIsTheOnlyOneOfItsKindSayWhatItSays) {
  for (const bool sealed : {true, false}) {
    const auto path = folder_ / (sealed ? "8.towl" : "9.towl");
    auto writer = FileWriter::create(path, {.file_id = sealed ? FileId{8} : FileId{9}});
    for (std::uint64_t i = 0; i < 100; ++i) {
      const Timestamp time = kStart + static_cast<Timestamp>(i) * kNanosecondsPerSecond;
      ASSERT_TRUE(writer->append(Entry("h", time, LogFormat::text, "request " + std::to_string(i) + " was served")));
    }
    const Timestamp late = kStart + 200 * kNanosecondsPerSecond;
    ASSERT_TRUE(writer->append(Entry("h", late, LogFormat::text, "disk sda17 is on fire")));
    ASSERT_TRUE(writer->append(
        Entry("h", late, LogFormat::journal_json, R"({"MESSAGE":"the \"answer\" is 42","PRIORITY":"3"})")));
    ASSERT_TRUE(writer->append(Entry("h", late, LogFormat::text, std::string(5000, 'x') + " end")));
    ASSERT_TRUE(writer->close());
    if (sealed) {
      ASSERT_TRUE(seal(path));
    }
    const Patterns found = find({{.path = path}}, {.new_since = late});
    EXPECT_THAT(shown(found),
                ElementsAre("1 disk <*> is on fire", "1 the \"answer\" is <*>", "1 " + std::string(1024, 'x') + "<*>"));
    ASSERT_EQ(found.patterns.size(), 3u);
    EXPECT_EQ(found.patterns[1].example.ordinal, 101u);
    EXPECT_EQ(sum_of(find({{.path = path}})), 103u);
  }
}

// As dpkg writes them: "<*> <*> status <*> <*> <*>" would say nothing.
TEST_F(PatternsTest, ThatSayLittleKeepTheirFewWords) {
  const auto status_of = [](std::uint64_t words, LogFormat format) {
    return [=](std::uint64_t i) {
      const std::string word = i % 2 == 0 ? "installed" : "not-" + std::string(1 + i / 2 % words, 'n') + "-yet";
      const std::string n = std::to_string(i * 7919 % 100'000);
      const std::string text = "08:00:" + n + " status " + word + " lib" + n + ":amd64 1." + n;
      return Entry("h", kStart, format,
                   format == LogFormat::text ? text : R"({"MESSAGE":")" + text + R"(","_PID":")" + n + "\"}");
    };
  };
  FileId id = 10;
  for (const LogFormat format : {LogFormat::text, LogFormat::journal_json}) {
    const auto few = status_of(2, format);
    const std::vector<SearchFile> files = {write_entries(++id, FileFormat::v2, true, 1200, few),
                                           write_entries(++id, FileFormat::v2, false, 1200, few),
                                           write_entries(++id, FileFormat::v1, false, 1200, few)};
    for (const SearchFile& file : files) {
      EXPECT_THAT(shown(find({file})),
                  ElementsAre("600 <*> status installed <*> <*>", "300 <*> status not-n-yet <*> <*>",
                              "300 <*> status not-nn-yet <*> <*>"));
    }
    // If there are many in another file, nobody wants to read them.
    const SearchFile many = write_entries(++id, FileFormat::v2, true, 1200, status_of(40, format));
    const Patterns all = find({files[0], many}, {.threads = 2});
    EXPECT_EQ(all.patterns.size(), 1u) << testing::PrintToString(shown(all));
    EXPECT_EQ(sum_of(all), 2400u);
    EXPECT_EQ(all.patterns[0].example.ordinal, 0u);
  }
}

TEST_F(PatternsTest, OfALimitAreTheMostFrequent) {
  const Patterns found = find({write(1, FileFormat::v2, true)}, {.limit = 2});
  ASSERT_EQ(found.patterns.size(), 2u);
  EXPECT_EQ(found.patterns[1].count, 900u);
  EXPECT_EQ(found.more, 2u);
}

// Whatever was looked at until the deadline, with what was not it is all.
TEST_F(PatternsTest, AfterTheDeadlineSayHowMuchWasNotLookedAt) {
  const std::vector<SearchFile> files = {write(1, FileFormat::v2, true), write(2, FileFormat::v2, false),
                                         write(3, FileFormat::v1, false)};
  const auto port = parse_expression("port", kStart);
  ASSERT_TRUE(port);
  for (const bool selects : {false, true}) {
    PatternOptions options{.deadline = std::chrono::steady_clock::now()};
    if (selects) options.expression = *port;
    const Patterns found = find(files, options);
    EXPECT_EQ(found.end, SearchEnd::Reason::deadline);
    EXPECT_GT(found.not_looked_at, 0u);
    if (!selects) {
      EXPECT_EQ(sum_of(found) + found.not_looked_at, 3 * kEntries);
    }
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(find(files, {.expression = options.expression, .stop = stop.get_token()}).end,
              SearchEnd::Reason::stopped);
    options.deadline = std::chrono::steady_clock::now() + std::chrono::hours(1);
    EXPECT_EQ(find(files, options).end, SearchEnd::Reason::done);
    EXPECT_EQ(find(files, options).not_looked_at, 0u);
  }
}

}  // namespace
}  // namespace towl

// Each entry is in exactly one Parquet file, of its own minute and host, even if things come late, are lost or die.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <set>

#include "limits/limits.hpp"
#include "outputs/parquet/host_folder.hpp"
#include "outputs/parquet/parquet_round.hpp"
#include "outputs/parquet/round_state.hpp"
#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "tables/duckdb_database.hpp"
#include "towl/store.hpp"

namespace towld {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// 2026-01-17T14:30:00Z
constexpr towl::Timestamp kStart = 1'768'660'200'000'000'000;
constexpr towl::Timestamp kMinute = 60 * towl::kNanosecondsPerSecond;

TEST(HostFolder, NeverLeadsOutOfThePath) {
  EXPECT_EQ(host_folder("web-1.example.org"), "web-1.example.org");
  EXPECT_EQ(host_folder(""), "+none");
  EXPECT_EQ(host_folder("+none"), "%2Bnone");
  EXPECT_EQ(host_folder("."), "%2E");
  EXPECT_EQ(host_folder(".."), "%2E.");
  EXPECT_EQ(host_folder("../etc"), "%2E.%2Fetc");
  // Spark, Hive and Arrow would pass over them.
  EXPECT_EQ(host_folder("_web_1"), "%5Fweb_1");
  EXPECT_EQ(host_folder(".hidden"), "%2Ehidden");
  EXPECT_EQ(host_folder(std::string("a\0b", 3)), "a%00b");
  EXPECT_EQ(host_folder("ü"), "%C3%BC");
  EXPECT_EQ(host_folder("a b%"), "a%20b%25");
}

TEST(HostFolder, LongNamesStayShortAndDifferent) {
  const std::string a = host_folder(std::string(500, 'x') + "1");
  const std::string b = host_folder(std::string(500, 'x') + "2");
  EXPECT_LE(a.size(), kParquetHostBytes);
  EXPECT_NE(a, b);
  EXPECT_LE(host_folder(std::string(200, '\xFF')).size(), kParquetHostBytes);
}

TEST(HostFolder, DaysAndMinutesAreOfUtc) {
  EXPECT_EQ(minute_key(minute_of(kStart)), "20260117-1430");
  EXPECT_EQ(day_folder(minute_of(kStart)), "2026/01/17");
  EXPECT_EQ(minute_key(minute_of(-1)), "19691231-2359");
  EXPECT_EQ(minute_key(minute_of(INT64_MIN)), "16770921-0012");
  EXPECT_EQ(minute_key(minute_of(INT64_MAX)), "22620411-2347");
}

class ParquetRound : public testing::Test {
 protected:
  void SetUp() override {
    database_ = towl::DuckDbDatabase::open(":memory:", {});
    if (!database_) GTEST_SKIP() << database_.error().to_string();
    auto writer = towl::StoreWriter::open(folder_ / "store", {.partition = {.max_entries = 100}});
    ASSERT_TRUE(writer) << writer.error().to_string();
    writer_.emplace(std::move(*writer));
  }

  fs::path path() const { return folder_ / "data"; }

  void store(const std::string& sender, towl::Timestamp time, const std::string& text,
             towl::LogFormat format = towl::LogFormat::text) {
    const towl::Entry entry(sender, time, format, text);
    const std::vector<towl::EntryView> all = {entry};
    ASSERT_TRUE(writer_->append(all));
    ASSERT_TRUE(writer_->sync());
    ++stored_;
  }

  ParquetRequest request(std::int64_t minutes_ended, bool all = false) {
    ParquetRequest request{.store = (folder_ / "store").string(),
                           .path = path().string(),
                           .compression = "zstd",
                           .memory = kParquetMemory,
                           .minute = minute_of(kStart) + minutes_ended - 1,
                           .all = all};
    const auto listing = writer_->reader().list();
    if (!listing->files.empty()) {
      const auto& last = listing->files.back();
      const auto open = writer_->open_file();
      const bool is_open = open && open->header.file_id == last.file_id;
      request.end = {last.file_id, is_open ? open->durable.ordinal : last.index.count, last.header.uuid};
    }
    return request;
  }

  ParquetAnswer write(const ParquetRequest& of) {
    const auto answer = write_round(of);
    EXPECT_TRUE(answer) << answer.error().to_string();
    return answer.value_or(ParquetAnswer{});
  }

  /// All Parquet files below the path.
  std::vector<std::string> files() const {
    std::vector<std::string> all;
    if (!fs::exists(path())) return all;
    for (const auto& entry : fs::recursive_directory_iterator(path())) {
      if (entry.path().extension() == ".parquet") all.push_back(fs::relative(entry.path(), path()).string());
    }
    return all;
  }

  std::string all_files() const { return "read_parquet('" + (path() / "*/*/*/*/*.parquet").string() + "')"; }

  std::vector<std::string> texts(const std::string& query) {
    auto texts = (*database_)->texts(query);
    EXPECT_TRUE(texts) << texts.error().to_string();
    return texts.value_or(std::vector<std::string>{});
  }

  void expect_each_once() {
    const auto counts =
        texts("SELECT concat(count(*), ' ', count(DISTINCT file_uuid || '/' || ordinal)) FROM " + all_files());
    EXPECT_THAT(counts, ElementsAre(std::to_string(stored_) + " " + std::to_string(stored_)));
  }

  towl::test::TempFolder folder_;
  std::optional<towl::StoreWriter> writer_;
  towl::Result<std::unique_ptr<towl::DuckDbDatabase>> database_ = towl::fail(towl::ErrorCode::closed, "");
  std::uint64_t stored_ = 0;
};

TEST_F(ParquetRound, AFileAMinuteAndHost) {
  store("a", kStart, "one");
  store("b", kStart + 1, "two");
  store("a", kStart + kMinute, "three");
  store("../x", kStart, "four");
  const auto answer = write(request(2));
  EXPECT_EQ(answer.entries, 4U);
  EXPECT_FALSE(answer.holds);
  EXPECT_THAT(files(),
              UnorderedElementsAre("a/2026/01/17/20260117-1430.parquet", "b/2026/01/17/20260117-1430.parquet",
                                   "a/2026/01/17/20260117-1431.parquet", "%2E.%2Fx/2026/01/17/20260117-1430.parquet"));
  expect_each_once();
}

TEST_F(ParquetRound, ColumnsHaveWhatEntriesSay) {
  store("a", kStart + 123'456'789,
        R"({"MESSAGE":"hello","PRIORITY":"3","SYSLOG_IDENTIFIER":"app","_SYSTEMD_UNIT":"app.service"})",
        towl::LogFormat::journal_json);
  store("a", kStart + 200'000'000,
        "a\xFF"
        "b");
  write(request(1));
  EXPECT_THAT(
      texts(
          "SELECT concat_ws('|', timestamp AT TIME ZONE 'UTC', minute_key, fields->>'PRIORITY', host, level, message, "
          "identifier, unit, ns, ordinal) FROM " +
          all_files() + " ORDER BY ordinal LIMIT 1"),
      ElementsAre("2026-01-17 14:30:00.123456|20260117-1430|3|a|err|hello|app|app.service|789|0"));
  EXPECT_THAT(texts("SELECT message || ' ' || (fields->'MESSAGE') FROM " + all_files() + " WHERE ordinal = 1"),
              ElementsAre("a\xEF\xBF\xBD"
                          "b [97,255,98]"));
}

TEST_F(ParquetRound, AMinuteThatHasNotEndedWaits) {
  store("a", kStart, "one");
  store("a", kStart + kMinute, "two");
  store("a", kStart + 1, "three");
  EXPECT_TRUE(write(request(1)).holds);
  EXPECT_THAT(files(), ElementsAre("a/2026/01/17/20260117-1430.parquet"));
  store("a", kStart + kMinute + 1, "four");
  EXPECT_FALSE(write(request(2)).holds);
  EXPECT_EQ(files().size(), 2U);
  expect_each_once();
  EXPECT_EQ(write(request(3)).entries, 0U);
}

TEST_F(ParquetRound, WhatComesLateHasAFileOfItsOwn) {
  store("a", kStart, "one");
  write(request(1));
  store("a", kStart + 1, "late");
  write(request(2));
  store("a", kStart + 2, "later");
  write(request(3));
  EXPECT_THAT(files(),
              UnorderedElementsAre("a/2026/01/17/20260117-1430.parquet", "a/2026/01/17/20260117-1430.2.parquet",
                                   "a/2026/01/17/20260117-1430.3.parquet"));
  expect_each_once();
}

// A host whose clock is wrong by a year holds up nothing; a clock that is set back writes nothing twice.
TEST_F(ParquetRound, ClocksThatAreWrong) {
  store("a", kStart + 1'000'000 * kMinute, "from the future");
  store("a", kStart + 2 * kMinute, "soon");
  EXPECT_EQ(write(request(2)).entries, 1U);
  EXPECT_EQ(write(request(-500)).entries, 0U);
  EXPECT_EQ(write(request(3)).entries, 1U);
  EXPECT_EQ(write(request(1)).entries, 0U);
  expect_each_once();
}

TEST_F(ParquetRound, AtAStopAllIsWritten) {
  store("a", kStart + 5 * kMinute, "now");
  EXPECT_EQ(write(request(5)).entries, 0U);
  EXPECT_EQ(write(request(5, true)).entries, 1U);
  store("a", kStart + 5 * kMinute + 1, "after the start");
  EXPECT_EQ(write(request(6)).entries, 1U);
  expect_each_once();
}

TEST_F(ParquetRound, AfterTheStateIsLostTheFilesSayWhatTheyHave) {
  for (int i = 0; i < 250; ++i) store("a", kStart + i * towl::kNanosecondsPerSecond, std::to_string(i));
  write(request(2));
  fs::remove_all(path() / ".towl");
  store("a", kStart, "more");
  write(request(6));
  expect_each_once();
}

// It died after it said what it would rename, and before it had.
TEST_F(ParquetRound, WhatWasLeftToBeRenamedIsRenamed) {
  store("a", kStart, "one");
  store("b", kStart, "two");
  write(request(1));
  RoundJournal journal(path());
  const auto state = journal.load();
  ASSERT_TRUE(state && *state);
  ASSERT_EQ((*state)->moves.size(), 2U);
  fs::rename(path() / (*state)->moves[1].to, path() / ".towl" / (*state)->moves[1].from);
  std::ofstream(path() / ".towl/7.parquet") << "half of a file";
  EXPECT_EQ(write(request(2)).entries, 0U);
  EXPECT_FALSE(fs::exists(path() / ".towl/7.parquet"));
  expect_each_once();
}

// The journal of a round stays after it; what the next one makes aside is not of it.
TEST_F(ParquetRound, NoTwoRoundsNameTheirFilesAlike) {
  std::set<std::string> names;
  for (int i = 0; i < 3; ++i) {
    store("a", kStart + i, "one");
    write(request(1));
    const auto state = RoundJournal(path()).load();
    ASSERT_TRUE(state && *state);
    for (const auto& move : (*state)->moves) EXPECT_TRUE(names.insert(move.from).second) << move.from;
  }
  EXPECT_EQ(names.size(), 3U);
}

TEST_F(ParquetRound, ManyHostsInAnyOrderAreSortedFirst) {
  for (int i = 0; i < 600; ++i) store("host-" + std::to_string(i * 7 % 40), kStart, "entry " + std::to_string(i));
  const auto answer = write(request(1));
  EXPECT_EQ(answer.files, 40U);
  expect_each_once();
}

TEST_F(ParquetRound, AnotherStoresPathIsRefused) {
  store("a", kStart, "one");
  write(request(1));
  const towl::test::TempFolder other;
  auto writer = towl::StoreWriter::open(other / "store", {});
  ASSERT_TRUE(writer);
  const towl::Entry entry("a", kStart, towl::LogFormat::text, "another");
  const std::vector<towl::EntryView> all = {entry};
  ASSERT_TRUE(writer->append(all));
  ASSERT_TRUE(writer->sync());
  ParquetRequest question = request(1);
  question.store = (other / "store").string();
  question.end = {1, 1, writer->open_file()->header.uuid};
  const auto answer = write_round(question);
  ASSERT_FALSE(answer);
  EXPECT_THAT(answer.error().message, HasSubstr("another store"));
}

TEST_F(ParquetRound, OneAtATime) {
  RoundJournal journal(path());
  ASSERT_TRUE(journal.open());
  const auto answer = write_round(request(1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, towl::ErrorCode::locked);
}

TEST(ParquetRequestLine, HostileLinesAreNone) {
  for (const char* line : {"", "{}", "[]", "{\"end\":1}", "{\"error\":1,\"code\":\"x\"}", "\xFF"}) {
    EXPECT_FALSE(read_request(line)) << line;
    EXPECT_FALSE(read_answer(line)) << line;
  }
}

}  // namespace
}  // namespace towld

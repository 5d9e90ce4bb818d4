// SQL over a store: the same entries as every other reader has. Most need DuckDB's library (scripts/install-duckdb).
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "support/stores.hpp"
#include "towl/seal.hpp"
#include "towl/store.hpp"
#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

bool has_duckdb() {
  if (const char* named = std::getenv("TOWL_DUCKDB_LIB"); named != nullptr && *named != '\0') return true;
  const char* home = std::getenv("HOME");
  return home != nullptr && fs::exists(fs::path(home) / ".local/lib/towl/libduckdb.so");
}

class Sql : public TowlctlProgram {
 protected:
  void SetUp() override {
    if (!has_duckdb()) GTEST_SKIP() << "DuckDB's library is not there: scripts/install-duckdb";
  }

  fs::path store() const { return folder_.path() / "store"; }

  /// Files of 1,000 entries of both formats; those of format 2 are sealed but for the newest.
  void fill(std::uint64_t count) const {
    for (const FileFormat format : {FileFormat::v1, FileFormat::v2}) {
      auto writer =
          StoreWriter::open(store(), {.title = "numbered", .file_format = format, .partition = {.max_entries = 1000}});
      ASSERT_TRUE(writer);
      const auto entries = numbered_entries(format == FileFormat::v1 ? 0 : count / 2, count / 2);
      ASSERT_TRUE(writer->append(views(entries)));
      ASSERT_TRUE(writer->close());
    }
    const auto listing = Store::open(store())->list();
    for (const FileInfo& file : listing->files) {
      if (file.header.version == 2 && file.file_id != listing->files.back().file_id) {
        ASSERT_TRUE(seal(file.path)) << file.path;
      }
    }
  }

  /// The rows of a query as JSON.
  nlohmann::json ask(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"sql", "-o", "json"});
    const ProcessResult ran = towlctl(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false);
  }

  std::string count_of(const std::vector<std::string>& command) const {
    const ProcessResult ran = towlctl(command);
    return std::to_string(lines_of(ran.out));
  }
};

TEST_F(Sql, HasTheEntriesThatCatHas) {
  fill(9000);
  const auto rows =
      ask({"SELECT file_id, ordinal, sender, title, message, received_ns, time_ns, level, fields FROM logs "
           "ORDER BY file_id, ordinal"});
  ASSERT_EQ(rows.size(), 9000U);
  for (std::uint64_t i = 0; i < 9000; ++i) {
    const Entry entry = numbered_entry(i);
    const auto& row = rows[i];
    ASSERT_EQ(row["message"], entry.log_entry) << i;
    ASSERT_EQ(row["sender"], entry.sender) << i;
    ASSERT_EQ(row["received_ns"], entry.received) << i;
    ASSERT_EQ(row["time_ns"], entry.time()) << i;
    ASSERT_EQ(row["title"], "numbered") << i;
    ASSERT_TRUE(row["level"].is_null() && row["fields"].is_null()) << i;
  }
}

TEST_F(Sql, CountsWithoutReadingColumns) {
  fill(9000);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs"})[0]["n"], 9000);
  EXPECT_EQ(ask({"SELECT count(DISTINCT (file_id, ordinal)) AS n FROM logs", "-j", "4"})[0]["n"], 9000);
  EXPECT_EQ(ask({"SELECT sum(entries)::BIGINT AS n FROM files"})[0]["n"], 9000);
}

TEST_F(Sql, SelectsAsCatDoes) {
  fill(9000);
  const std::vector<std::vector<std::string>> selections = {
      {"-S", "2026-01-17 15:00"},
      {"-U", "2026-01-17 16:30:20"},
      {"-S", "2026-01-17 15:00", "-U", "2026-01-17 15:10"},
      {"--sender", "host-1"},
      {"--sender", "host-*", "-S", "2026-01-17 16:00"},
  };
  for (const auto& selection : selections) {
    std::vector<std::string> sql = {"SELECT count(*)::VARCHAR AS n FROM logs"};
    std::vector<std::string> cat = {"cat", "-o", "cat"};
    sql.insert(sql.end(), selection.begin(), selection.end());
    cat.insert(cat.end(), selection.begin(), selection.end());
    EXPECT_EQ(ask(sql)[0]["n"], count_of(cat)) << testing::PrintToString(selection);
  }
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs", "--where", "\"entry 17\" or \"entry 18\""})[0]["n"], 2);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs", "--where", "sender:host-1", "-S", "2026-01-17 15:00", "-U",
                 "2026-01-17 15:05"})[0]["n"],
            100);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs", "--title", "other"})[0]["n"], 0);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs", "2", "store/3.towl"})[0]["n"], 2000);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM read_towl('store/[12].towl', since := '2026-01-17 14:40', until := "
                 "'2026-01-17 14:41')"})[0]["n"],
            60);
}

// The query engine applies a part of the WHERE itself: the rows are the same as if DuckDB looked at all of them.
TEST_F(Sql, AWhereThatIsHandedDownChangesNoAnswer) {
  fill(4000);
  append("store",
         "{\"MESSAGE\":\"caf\xC3\xA9 entry 17\",\"PRIORITY\":\"3\"}\n{\"MESSAGE\":\"tab\\tentry\",\"PRIORITY\":\"6\"}\n"
         "100% entry_17\ncaf\xE9 entry\n",
         {"--log-format", "auto", "--sender", "web'1"});
  for (const std::string where :
       {"message LIKE '%entry 17%'",
        "message LIKE '%caf\xC3\xA9%'",
        "message LIKE '%tab\tentry%'",
        "message LIKE '%TRY%'",
        "message LIKE 'entry 17%'",
        "message LIKE '%100\\%%'",
        "message LIKE '%y_17%'",
        "message LIKE '%\xEF\xBF\xBD%'",
        "message LIKE '%entry%' AND level = 'err'",
        "level = 'info'",
        "level = 'none such'",
        "sender = 'host-1'",
        "sender = 'web''1' AND message LIKE '%7%'",
        "sender = 'host-1' OR message LIKE '%caf%'",
        "NOT message LIKE '%1%'",
        "logs.message LIKE '%99%'",
        "level IS NULL AND message LIKE '%99%'",
        "level IN ('err', 'info')",
        "sender IN ('host-1', 'none such')",
        "LEVEL = 'err' OR sender = 'host-1'",
        "level = 'err' OR sender <> 'host-1'",
        "contains(message, 'try 17')",
        "starts_with(message, 'entry 39')",
        "message = 'entry 17'",
        "file_id = 2 AND ordinal < 17",
        "file_id IN (1, 4)",
        "title = 'numbered'",
        "title = 'other'",
        "time > '2026-01-17 15:00:00'",
        "time <= '2026-01-17 15:00:00'",
        "TIMESTAMP '2026-01-17 15:00:00' > time",
        "time = TIMESTAMPTZ '2026-01-17 15:00:00+00'",
        "time BETWEEN '2026-01-17 15:00:00' AND '2026-01-17 15:01:00.5'",
        "time >= '2026-01-17 15:00:00.000001' AND received < '2026-01-17 15:02:00'",
        "time > now() - INTERVAL 1 DAY",
        "time < now() - INTERVAL 1 DAY",
        "time < current_date - 2",
        "time > date_trunc('month', TIMESTAMP '2026-01-17 15:00:00') + INTERVAL (16) DAYS AND level IS NULL",
        "time > '2026-01-17 15:00:00' AND time > '2026-01-17 15:10:00' AND (time < '2026-01-17 15:11:00' OR level = "
        "'err')",
        "time_ns >= 1768662000000000000",
        "time_ns < 1768662000000000000 + 17",
        "received_ns > 1.7686620000000005e18",
        "1768662000000000000 = time_ns",
        "time > 'infinity'",
        "time < '-infinity'",
        "time > NULL",
        "time > TIMESTAMP '9999-01-01 00:00:00'",
        "time > TIMESTAMP '0001-01-01 00:00:00'",
        "time::DATE = '2026-01-17' AND sender = 'host-1'",
        "NOT (time > '2026-01-17 15:00:00')"}) {
    // For a table of DuckDB's own nothing is handed down.
    const std::string all = "CREATE TEMP TABLE copied AS FROM logs; ";
    const auto handed = ask({"SELECT count(*)::VARCHAR AS n FROM logs WHERE " + where});
    std::string of_copy = where;
    if (const auto at = of_copy.find("logs."); at != std::string::npos) of_copy.erase(at, 5);
    EXPECT_EQ(handed, ask({all + "SELECT count(*)::VARCHAR AS n FROM copied WHERE " + of_copy})) << where;
  }
  // Not another use of the table in the same query, no matter what it is in.
  EXPECT_EQ(ask({"SELECT (SELECT count(*) FROM logs) AS n FROM logs WHERE sender = 'web''1'"})[0]["n"], 4004);
  EXPECT_EQ(ask({"CREATE MACRO everything() AS (SELECT count(*) FROM logs); "
                 "SELECT everything() AS n FROM logs WHERE sender = 'web''1'"})[0]["n"],
            4004);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs AS l(sender) WHERE sender = 'host-1'"})[0]["n"], 0);
  EXPECT_EQ(
      ask({"SET default_collation = 'nocase'; SELECT count(*) > 0 AS n FROM logs WHERE sender = 'HOST-1'"})[0]["n"],
      true);
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM logs a, logs b WHERE a.message LIKE '%tab%'"})[0]["n"], 4004);
  // A transaction that the user has open stays open.
  EXPECT_EQ(ask({"BEGIN; SELECT count(*) AS n FROM logs WHERE time < now()"})[0]["n"], 4004);
  EXPECT_EQ(
      ask({"BEGIN; CREATE TABLE t AS SELECT 1; COMMIT; SELECT count(*) AS n FROM logs WHERE time < now()"})[0]["n"],
      4004);
  // Not another table of that name.
  EXPECT_EQ(
      ask({"WITH logs AS (SELECT 'entry' AS message) SELECT count(*) AS n FROM logs WHERE message LIKE '%entry%'"})
          [0]["n"],
      1);
}

// A bound of time that is handed down saves the reading: what is damaged outside of it is not met.
TEST_F(Sql, BoundsOfTimeInAWhereReachTheFrames) {
  fill(9000);
  {
    std::fstream file(store() / "6.towl", std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2048 + 120 + 1024 + 120 + 20);  // In the first frame of entries, after its header.
    file << "damaged";
  }
  const std::string first(format_rfc3339(numbered_entry(8000).time()).view());
  for (const std::string& where :
       {"time >= '" + first + "'", "time_ns >= " + std::to_string(numbered_entry(8000).time()),
        "time > TIMESTAMPTZ '" + first + "' - INTERVAL 1 SECOND AND message LIKE '%entry%'"}) {
    EXPECT_EQ(ask({"SELECT count(message) AS n FROM logs WHERE " + where})[0]["n"], 1000) << where;
  }
}

TEST_F(Sql, PatternsAreATable) {
  fill(4000);
  append("store", "panic 17 in task a\npanic 18 in task a\n", {"--log-format", "text"});
  const auto rows = ask({"SELECT * FROM patterns ORDER BY count DESC"});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0]["count"], 4000);
  EXPECT_THAT(rows[1]["pattern"], "panic <*> in task a");
  EXPECT_THAT(rows[1]["example"], testing::StartsWith("towl://"));
  EXPECT_EQ(ask({"SELECT count(*) AS n FROM patterns"})[0]["n"], 2);
  EXPECT_EQ(ask({"SELECT pattern FROM towl_patterns(new_since := '-1h')"}),
            nlohmann::json::parse(R"([{"pattern":"panic <*> in task a"}])"));
  EXPECT_EQ(ask({"SELECT sum(count)::BIGINT AS n FROM patterns", "--where", "panic", "-S", "-1h"})[0]["n"], 2);
  EXPECT_EQ(towlctl({"sql", "SELECT * FROM towl_patterns(new_since := 'whenever')"}).code, 2);
}

TEST_F(Sql, TellsLevelsAndFields) {
  append("store",
         R"({"MESSAGE":"broken","PRIORITY":"3","status":404})"
         "\nplain\n",
         {"--log-format", "auto"});
  const auto rows = ask({"SELECT level, format, message, fields->>'status' AS status FROM logs ORDER BY ordinal"});
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0], nlohmann::json::parse(R"({"level":"err","format":"journal","message":"broken","status":"404"})"));
  EXPECT_EQ(rows[1], nlohmann::json::parse(R"({"level":null,"format":"text","message":"plain","status":null})"));
}

// Values that rows share are put into a vector once, even if the vector has rows of many files.
TEST_F(Sql, EachRowHasTheTitleAndLevelOfItsEntry) {
  const char* const levels[] = {"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"};
  nlohmann::json wanted = nlohmann::json::array();
  for (std::uint64_t file = 0; file < 40; ++file) {
    const std::string title = "title " + std::to_string(file % 17);
    auto writer = StoreWriter::open(store(), {.title = title, .partition = {.max_entries = 30}});
    ASSERT_TRUE(writer);
    for (std::uint64_t i = 0; i < 30; ++i) {
      const bool has_level = (file + i) % 9 != 8;
      Entry entry = numbered_entry(file * 30 + i);
      if (has_level) {
        entry.log_format = LogFormat::journal_json;
        entry.log_entry = R"({"MESSAGE":"m","PRIORITY":")" + std::to_string((file + i) % 9) + "\"}";
      }
      ASSERT_TRUE(writer->append(views({entry})));
      wanted.push_back({{"title", title},
                        {"format", has_level ? "journal" : "text"},
                        {"level", has_level ? nlohmann::json(levels[(file + i) % 9]) : nlohmann::json()}});
    }
    ASSERT_TRUE(writer->close());
  }
  const auto listing = Store::open(store())->list();
  for (const FileInfo& file : listing->files) {
    if (file.file_id % 2 == 1 || file.file_id == listing->files.back().file_id) continue;
    ASSERT_TRUE(seal(file.path));
  }
  EXPECT_EQ(ask({"SELECT title, format, level FROM logs ORDER BY file_id, ordinal"}), wanted);
  EXPECT_EQ(ask({"SELECT count(DISTINCT file_uuid) AS n FROM logs"})[0]["n"], listing->files.size());
}

TEST_F(Sql, TextThatIsNotUtf8HasReplacements) {
  append("store", "caf\xE9 \xF0\x9F\x98\x80 \xFF\xFE end\n", {"--log-format", "text"});
  EXPECT_EQ(ask({"SELECT message FROM logs"})[0]["message"],
            "caf\xEF\xBF\xBD \xF0\x9F\x98\x80 \xEF\xBF\xBD\xEF\xBF\xBD end");
}

TEST_F(Sql, DamageIsToldAndHidesNothingElse) {
  fill(9000);
  const fs::path damaged = store() / "6.towl";  // sealed
  {
    std::fstream file(damaged, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(2048 + 120 + 1024 + 120 + 20);  // In the first frame of entries, after its header.
    file << "damaged";
  }
  const ProcessResult ran =
      towlctl({"sql", "-o", "csv", "SELECT file_id, count(message) FROM logs GROUP BY 1 ORDER BY 1"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_THAT(ran.err, HasSubstr("6.towl"));
  EXPECT_THAT(ran.out, HasSubstr("4,1000\n"));
  EXPECT_THAT(ran.out, Not(HasSubstr("6,1000\n")));
  EXPECT_THAT(ran.out, HasSubstr("7,1000\n"));
}

TEST_F(Sql, WritesFilesThatHoldAll) {
  fill(4000);
  for (const char* name : {"logs.parquet", "logs.csv", "logs.json", "logs.ndjson"}) {
    const ProcessResult ran = towlctl({"sql", "SELECT * FROM logs", "--to", name});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, "");
    const std::string counted = "SELECT count(*) AS n, sum(ordinal)::BIGINT AS s FROM '" + std::string(name) + "'";
    const auto rows = ask({counted});
    EXPECT_EQ(rows[0]["n"], 4000) << name;
    EXPECT_EQ(rows[0]["s"], 4 * 999 * 1000 / 2) << name;
  }
}

TEST_F(Sql, QueriesComeFromFilesAndStandardInputToo) {
  fill(2000);
  write("query.sql", "SELECT count(*) AS n FROM logs; -- all of them\n");
  EXPECT_THAT(towlctl({"sql", "--file", "query.sql"}).out, HasSubstr("2000"));
  EXPECT_THAT(towlctl({"sql"}, "SELECT count(*) AS n\nFROM logs").out, HasSubstr("2000"));
  EXPECT_THAT(towlctl({"sql", "CREATE TABLE t AS SELECT 41 + 1 AS x; SELECT x FROM t"}).out, HasSubstr("42"));
  EXPECT_THAT(towlctl({"sql", "SELECT 1; -- one;\nSELECT ';' AS \"a;b\", 43 /* ; */;"}).out, HasSubstr("43"));
}

TEST_F(Sql, MistakesAreTold) {
  append("store", "a\n");
  for (const char* query : {"SELECT nothing FROM logs", "SELEC", "SELECT * FROM read_towl('none/*.towl')",
                            "SELECT * FROM read_towl('store/*.towl', since := 'whenever')"}) {
    const ProcessResult ran = towlctl({"sql", query});
    EXPECT_EQ(ran.code, 2) << query;
    EXPECT_THAT(ran.err, testing::StartsWith("towlctl: ")) << query;
    EXPECT_EQ(ran.out, "") << query;
  }
  EXPECT_EQ(towlctl({"sql", "SELECT 1", "--memory", "much"}).code, 2);
  EXPECT_EQ(towlctl({"sql", "SELECT 1", "77"}).code, 2);
}

// A table cell is one line without control characters, no matter what an entry holds.
TEST_F(Sql, TablesAreSafeForATerminal) {
  append("store",
         R"({"MESSAGE":"a\u001b[2Jb\nc"})"
         "\n",
         {"--log-format", "journal-json"});
  const ProcessResult ran = towlctl({"sql", "SELECT message FROM logs"});
  EXPECT_EQ(ran.out.find('\x1b'), std::string::npos);
  EXPECT_THAT(ran.out, HasSubstr("\\x1b[2Jb\\nc"));
  EXPECT_EQ(lines_of(ran.out), 4);
}

TEST_F(Sql, AnInterruptEndsTheQuery) {
  append("store", "a\n");
  Process running({TOWLCTL_PROGRAM, "sql", "--store", "store", "-o", "csv",
                   "SELECT 'begun'; SELECT count(*) FROM range(10000000000) a, range(100) b"},
                  {.folder = folder_.path()});
  // It must end at once and with this code, whether it is within the query yet or not.
  EXPECT_FALSE(running.wait(std::chrono::seconds(1)));
  running.signal(SIGINT);
  EXPECT_EQ(running.wait(std::chrono::seconds(30)), 130);
  EXPECT_EQ(running.out(), "");
}

class SqlWithoutDuckDb : public TowlctlProgram {};

TEST_F(SqlWithoutDuckDb, SaysWhatToDo) {
  append("store", "a\n");
  const ProcessResult ran =
      run({TOWLCTL_PROGRAM, "sql", "--store", "store", "SELECT 1"},
          {.environment = {{"TOWL_DUCKDB_LIB", "/nowhere/libduckdb.so"}}, .folder = folder_.path()});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(lines_of(ran.err), 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("scripts/install-duckdb"));
}

}  // namespace
}  // namespace towl::test

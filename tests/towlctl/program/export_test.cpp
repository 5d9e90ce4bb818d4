// Exports have what cat has, in all formats, as other programs read them.
#include <nlohmann/json.hpp>

#include "support/stores.hpp"
#include "tables/duckdb_database.hpp"
#include "towl/store.hpp"
#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

class Export : public TowlctlProgram {
 protected:
  void fill(const std::vector<Entry>& entries) const {
    auto writer = StoreWriter::open(folder_ / "store", {.title = "numbered", .partition = {.max_entries = 500}});
    ASSERT_TRUE(writer);
    ASSERT_TRUE(writer->append(views(entries)));
    ASSERT_TRUE(writer->close());
  }

  /// 2,000 numbered texts, and one entry with fields that CSV has to quote.
  void fill() const {
    auto entries = numbered_entries(0, 2000);
    entries.emplace_back("web", 1'768'660'200'000'000'000, LogFormat::journal_json,
                         R"({"MESSAGE":"a, \"b\"\nc","PRIORITY":"3","STATUS":"500"})");
    fill(entries);
  }

  std::string contents(const std::string& name) const {
    std::ifstream stream(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  void expect_done(const ProcessResult& ran) const { EXPECT_EQ(ran.code, 0) << ran.err; }

  std::string sqlite(const std::string& query) const { return run({"sqlite3", folder_ / "logs.db", query}).out; }

  /// One value, by DuckDB.
  std::vector<std::string> duckdb(const std::string& query) {
    auto texts = (*database_)->texts(query);
    EXPECT_TRUE(texts) << texts.error().to_string();
    return texts.value_or(std::vector<std::string>{});
  }

  bool has_duckdb() {
    database_ = DuckDbDatabase::open(":memory:", {});
    return database_.has_value();
  }

  Result<std::unique_ptr<DuckDbDatabase>> database_ = fail(ErrorCode::closed, "");
};

TEST_F(Export, LinesAreThoseOfCat) {
  fill();
  for (const auto& [format, output] : {std::pair("jsonl", "json"), {"text", "short"}}) {
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, {"--sender", "host-1"}, {"-S", "2026-01-17 14:40", "-U", "2026-01-17 14:45"}}) {
      std::vector<std::string> of_export = {"export", format};
      std::vector<std::string> of_cat = {"cat", "-o", output};
      of_export.insert(of_export.end(), more.begin(), more.end());
      of_cat.insert(of_cat.end(), more.begin(), more.end());
      const auto exported = towlctl(of_export);
      expect_done(exported);
      EXPECT_EQ(exported.out, towlctl(of_cat).out);
      EXPECT_GT(exported.out.size(), 100U);
    }
  }
}

TEST_F(Export, CsvIsQuoted) {
  fill();
  const auto ran =
      towlctl({"export", "csv", "--where", "STATUS:500", "--columns", "time,sender,level,message,STATUS,none"});
  expect_done(ran);
  EXPECT_EQ(ran.out,
            "time,sender,level,message,STATUS,none\r\n2026-01-17T14:30:00Z,web,err,\"a, \"\"b\"\"\nc\",500,\r\n");
}

TEST_F(Export, LinesOfColumns) {
  fill();
  const auto ran = towlctl({"export", "jsonl", "--where", "STATUS:500", "--columns", "sender,ordinal,fields,none"});
  expect_done(ran);
  EXPECT_EQ(ran.out,
            "{\"sender\":\"web\",\"ordinal\":0,\"fields\":{\"MESSAGE\":\"a, \\\"b\\\"\\nc\",\"PRIORITY\":\"3\","
            "\"STATUS\":\"500\"},\"none\":null}\n");
}

TEST_F(Export, FilesAreNotOverwrittenUnasked) {
  fill();
  expect_done(towlctl({"export", "csv", "--to", "logs.csv"}));
  const auto again = towlctl({"export", "csv", "--to", "logs.csv"});
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("--force"));
  expect_done(towlctl({"export", "csv", "--to", "logs.csv", "--force"}));
  EXPECT_FALSE(fs::exists(folder_ / "logs.csv.partial"));
}

TEST_F(Export, PartitionsOfLines) {
  fill();
  expect_done(towlctl({"export", "text", "--partition-by", "host,day", "--to", "data"}));
  EXPECT_EQ(contents("data/host=host-1/day=2026-01-17/part-0.txt"), towlctl({"cat", "--sender", "host-1"}).out);
  EXPECT_FALSE(fs::exists(folder_ / "data/host=host-1/day=2026-01-17/part-0.txt.partial"));
}

TEST_F(Export, TheSqliteShellReadsIt) {
  fill();
  const auto ran = towlctl({"export", "sqlite", "--to", "logs.db"});
  expect_done(ran);
  EXPECT_THAT(ran.err, HasSubstr("2001 entries in 1 file"));
  EXPECT_EQ(sqlite("SELECT count(*) FROM logs"), "2001\n");
  std::string texts;
  for (std::uint64_t i = 0; i < 2000; ++i) texts += numbered_text(i) + "\n";
  EXPECT_EQ(sqlite("SELECT message FROM logs WHERE details IS NULL ORDER BY id"), texts);
  EXPECT_EQ(
      sqlite("SELECT timestamp, level, sender, json_extract(details, '$.STATUS') FROM logs WHERE level IS NOT NULL"),
      "2026-01-17T14:30:00.000000000Z|err|web|500\n");
  EXPECT_EQ(sqlite("PRAGMA integrity_check"), "ok\n");
  EXPECT_FALSE(fs::exists(folder_ / "logs.db-wal"));
}

TEST_F(Export, BytesThatAreNoTextAreKeptInSqlite) {
  fill({{"a", 1, LogFormat::text, std::string("x\xFF\0y", 4)}});
  expect_done(towlctl({"export", "sqlite", "--to", "logs.db"}));
  EXPECT_EQ(sqlite("SELECT typeof(message), hex(message) FROM logs"), "blob|78FF0079\n");
}

TEST_F(Export, Parquet) {
  if (!has_duckdb()) GTEST_SKIP() << database_.error().to_string();
  fill();
  expect_done(towlctl({"export", "parquet", "--to", "logs.parquet"}));
  const std::string from = " FROM read_parquet('" + (folder_ / "logs.parquet").string() + "')";
  EXPECT_THAT(
      duckdb("SELECT concat_ws(' ', count(*), count(DISTINCT (file_uuid, ordinal)), min(time) AT TIME ZONE 'UTC')" +
             from),
      ElementsAre("2001 2001 2026-01-17 14:30:00"));
  std::vector<std::string> texts;
  for (std::uint64_t i = 0; i < 2000; ++i) texts.push_back(numbered_text(i));
  EXPECT_EQ(duckdb("SELECT message" + from + " WHERE level IS NULL"), texts);
  EXPECT_THAT(duckdb("SELECT (fields->>'STATUS') || ' ' || host" + from + " WHERE level = 'err'"),
              ElementsAre("500 web"));
}

TEST_F(Export, ParquetInPartitions) {
  if (!has_duckdb()) GTEST_SKIP() << database_.error().to_string();
  auto entries = numbered_entries(0, 1000);
  for (int i = 0; i < 100; ++i) entries.emplace_back("host " + std::to_string(i % 20), 1 + i, LogFormat::text, "x");
  fill(entries);
  for (const std::string by : {"host,day", "day"}) {
    expect_done(towlctl({"export", "parquet", "--partition-by", by, "--to", "by-" + by}));
    const std::string files =
        "read_parquet('" + (folder_ / ("by-" + by) / "**/*.parquet").string() + "', hive_partitioning = true)";
    EXPECT_THAT(duckdb("SELECT count(*)::VARCHAR FROM " + files + " WHERE day = '1970-01-01'"), ElementsAre("100"));
    EXPECT_THAT(duckdb("SELECT count(DISTINCT (file_uuid, ordinal))::VARCHAR FROM " + files), ElementsAre("1100"));
  }
}

TEST_F(Export, DuckDb) {
  if (!has_duckdb()) GTEST_SKIP() << database_.error().to_string();
  fill();
  expect_done(towlctl({"export", "duckdb", "--to", "logs.duckdb", "--columns", "time,message,STATUS"}));
  auto opened = DuckDbDatabase::open((folder_ / "logs.duckdb").string(), {});
  ASSERT_TRUE(opened) << opened.error().to_string();
  EXPECT_EQ((*opened)->number("SELECT count(*) FROM logs").value_or(0), 2001);
  EXPECT_EQ((*opened)->number("SELECT count(STATUS) FROM logs").value_or(0), 1);
}

TEST_F(Export, NothingIsExportedToo) {
  fill();
  expect_done(towlctl({"export", "csv", "--where", "nosuchword", "--to", "none.csv"}));
  EXPECT_EQ(lines_of(contents("none.csv")), 1);
  if (!has_duckdb()) GTEST_SKIP() << database_.error().to_string();
  expect_done(towlctl({"export", "parquet", "--where", "nosuchword", "--to", "none.parquet"}));
  EXPECT_TRUE(fs::exists(folder_ / "none.parquet"));
}

TEST_F(Export, WhatDoesNotFitIsSaid) {
  fill();
  for (const std::vector<std::string>& wrong :
       std::vector<std::vector<std::string>>{{},
                                             {"xml"},
                                             {"parquet"},
                                             {"sqlite", "--to", "a.db", "--columns", "time"},
                                             {"sqlite", "--to", "a.db", "--partition-by", "day"},
                                             {"csv", "--partition-by", "week", "--to", "d"},
                                             {"csv", "--columns", "time,,message"},
                                             {"csv", "--partition-by", "day"}}) {
    std::vector<std::string> arguments = {"export"};
    arguments.insert(arguments.end(), wrong.begin(), wrong.end());
    const auto ran = towlctl(arguments);
    EXPECT_EQ(ran.code, 2);
    EXPECT_THAT(ran.err, HasSubstr("towlctl: "));
  }
  EXPECT_EQ(towlctl({"export", "sqlite", "--to", "no/such/folder/a.db"}).code, 2);
}

}  // namespace
}  // namespace towl::test

// Entries go into a table of PostgreSQL once, no matter what dies. Against Debian's server, as a process of the test.
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <future>

#include "outputs/output_type.hpp"
#include "outputs/postgres/postgres_sink.hpp"
#include "towld/inputs/input_support.hpp"
#include "towld/outputs/read_settings.hpp"

namespace towld {

extern const OutputType kPostgresOutput;

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using towl::test::eventually;
using towl::test::Process;
using towl::test::run;

/// The newest server that Debian has put here; "" if there is none.
std::string server_programs() {
  std::string newest;
  std::error_code error;
  for (const auto& version : fs::directory_iterator("/usr/lib/postgresql", error)) {
    if (fs::exists(version.path() / "bin/initdb")) newest = std::max(newest, (version.path() / "bin").string());
  }
  return newest;
}

class PostgresOutput : public testing::Test {
 protected:
  void SetUp() override {
    programs_ = server_programs();
    if (programs_.empty()) GTEST_SKIP() << "needs PostgreSQL's server (Debian: postgresql)";
    data_ = folder_ / "pg";
    fs::create_directory(data_);
    // It refuses to run as root.
    if (::getuid() == 0) {
      fs::permissions(folder_.path(), fs::perms::others_exec, fs::perm_options::add);
      ASSERT_EQ(run({"chown", "postgres", data_}).code, 0);
    }
    const auto made = run(as_server({programs_ + "/initdb", "-D", data_ / "db", "-A", "trust", "-U", "towl"}));
    ASSERT_EQ(made.code, 0) << made.err;
    start_server();
  }
  void TearDown() override {
    if (server_) stop_server("immediate");
  }

  static std::vector<std::string> as_server(std::vector<std::string> arguments) {
    if (::getuid() == 0) arguments.insert(arguments.begin(), {"runuser", "-u", "postgres", "--"});
    return arguments;
  }
  void start_server() {
    server_ = std::make_unique<Process>(as_server({programs_ + "/postgres", "-D", data_ / "db", "-k", data_.string(),
                                                   "-c", "listen_addresses=", "-c", "fsync=off"}));
    ASSERT_TRUE(eventually([&] { return !query("select 1").empty(); })) << server_->err();
  }
  void stop_server(const std::string& mode) {
    run(as_server({programs_ + "/pg_ctl", "-D", data_ / "db", "-m", mode, "stop"}));
    server_->wait();
    server_.reset();
  }

  std::string connection() const { return "host=" + data_.string() + " dbname=postgres user=towl"; }

  /// Rows, a line each.
  std::string query(const std::string& statement) const {
    return run({programs_ + "/psql", "-At", "-c", statement, connection()}).out;
  }

  void store(std::vector<towl::Entry> entries) { store_.store(std::move(entries)); }

  std::unique_ptr<Output> start() {
    return test::start_output(kPostgresOutput,
                              "{ type: postgres, connection: '" + connection() + "', from: beginning }",
                              {.name = "pg",
                               .ingest = &store_.ingest(),
                               .log = test::MemoryStore::log(),
                               .cursor_folder = folder_ / "cursors"});
  }

  void expect_all(std::uint64_t count) {
    EXPECT_EQ(query("select count(*), count(distinct message) from towl_entries"),
              std::to_string(count) + "|" + std::to_string(count) + "\n");
  }

  towl::test::TempFolder folder_;
  std::string programs_;
  fs::path data_;
  std::unique_ptr<Process> server_;
  test::MemoryStore store_{{.max_entries = 1000}};
};

TEST_F(PostgresOutput, EachEntryIsThereOnceAndTheTableKnowsHowFar) {
  store(towl::test::numbered_entries(0, 2500));
  auto output = start();
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2500; })) << output->status().error;
  output->stop();
  output.reset();
  expect_all(2500);
  // What this machine knows is gone.
  fs::remove_all(folder_ / "cursors");
  store(towl::test::numbered_entries(2500, 700));
  output = start();
  ASSERT_TRUE(eventually([&] { return output->status().entries == 700; })) << output->status().error;
  output->stop();
  expect_all(3200);
}

TEST_F(PostgresOutput, AServerThatDiesIsWaitedFor) {
  store(towl::test::numbered_entries(0, 500));
  const auto output = start();
  ASSERT_TRUE(eventually([&] { return query("select count(*) from towl_entries") == "500\n"; }))
      << output->status().error;
  stop_server("immediate");
  store(towl::test::numbered_entries(500, 2000));
  ASSERT_TRUE(eventually([&] { return output->status().failures > 0; }));
  EXPECT_THAT(output->status().error, HasSubstr("postgres"));
  start_server();
  EXPECT_TRUE(eventually([&] { return query("select count(*) from towl_entries") == "2500\n"; }))
      << output->status().error;
  output->stop();
  expect_all(2500);
}

TEST_F(PostgresOutput, WhateverBytesAnEntryHasItIsTaken) {
  const std::int64_t time = 1'768'660'200'123'456'789;
  store({towl::Entry("a\\b", time, towl::LogFormat::text, std::string("tab\t nul\0 bad\xff \\. \r\n", 20)),
         towl::Entry(
             "c", time, towl::LogFormat::journal_json,
             R"({"MESSAGE":"it \"broke\"\n","PRIORITY":"3","N":12345678901234567890123,"U":"\u0000","H":"\ud800"})")});
  const auto output = start();
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2; })) << output->status().error;
  output->stop();
  EXPECT_EQ(
      query(
          "select sender, level, ns, fields->>'N', extract(microseconds from time) from towl_entries order by ordinal"),
      "a\\b||789||123456\nc|3|789|12345678901234567890123|123456\n");
  EXPECT_EQ(query("select message from towl_entries where ordinal = 1"), "it \"broke\"\n\n");
  EXPECT_THAT(query("select message from towl_entries where ordinal = 0"),
              HasSubstr("nul\xEF\xBF\xBD bad\xEF\xBF\xBD"));
}

TEST_F(PostgresOutput, AConfigurationThatCannotWorkIsRefused) {
  const auto wrong = [](const std::string& yaml) {
    const auto settings = test::read_settings(kPostgresOutput, yaml);
    return settings ? std::string("it is taken") : settings.error().message;
  };
  EXPECT_THAT(wrong("{ type: postgres }"), HasSubstr("is missing"));
  EXPECT_THAT(wrong("{ type: postgres, connection: 'password=x' }"), HasSubstr("password_file"));
  EXPECT_THAT(wrong("{ type: postgres, connection: 'host=a', table: 'a; drop table b' }"), HasSubstr("plain name"));
}

}  // namespace
}  // namespace towld

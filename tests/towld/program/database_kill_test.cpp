// SIGKILL of the collector at random moments while outputs of types parquet and sqlite write: in the end each stored entry
// is in each of them once.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <future>
#include <random>
#include <thread>

#include "support/collector.hpp"
#include "support/stand_in_server.hpp"
#include "support/stores.hpp"
#include "support/test_servers.hpp"
#include "tables/duckdb_database.hpp"
#include "towl/web/s3_client.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int kRounds = 12;

std::uint64_t seed_of_test() {
  const char* set = std::getenv("TOWL_TEST_SEED");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device{}();
}

/// Appends entries of several hosts and minutes, until the stream breaks or `most` are sent.
void produce(towl::v1::Towl::Stub& stub, std::uint64_t& number, std::uint64_t most) {
  grpc::ClientContext context;
  const auto stream = stub.Append(&context);
  std::jthread reader([&] {
    for (v1::AppendResponse response; stream->Read(&response);) {
    }
  });
  for (const std::uint64_t end = number + most; number < end;) {
    std::vector<Entry> entries;
    for (int i = 0; i < 50; ++i, ++number) {
      Entry entry("host-" + std::to_string(number % 5), 1, LogFormat::text, "entry " + std::to_string(number));
      entry.set_time(1'768'660'200'000'000'000 + static_cast<Timestamp>(number / 700 % 9) * 60'000'000'000);
      entries.push_back(std::move(entry));
    }
    if (!stream->Write(make_request(entries))) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  stream->WritesDone();
  reader.join();
  stream->Finish();
}

std::uint64_t stored_entries(const fs::path& folder) {
  const auto store = Store::open(folder);
  EXPECT_TRUE(store);
  return read_all(*store).size();
}

/// Kills a collector with this output again and again, and ends it in order once `is_caught_up` with all stored
/// entries: a stop does not wait for outputs that go on after their cursor at the next start.
void kill_and_stop(const TempFolder& folder, const std::string& output, const std::function<bool()>& is_caught_up) {
  const auto seed = seed_of_test();
  std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  std::ofstream(folder / "towld.yaml") << "store: { partition: { max_entries: 3000 } }\noutputs:\n- " << output << "\n";
  const std::vector<std::string> flags = {"--config", folder / "towld.yaml"};
  std::uint64_t number = 0;
  for (int round = 0; round < kRounds; ++round) {
    Collector collector(folder / "store", flags);
    ASSERT_FALSE(collector.address().empty());
    const std::jthread producer([&] { produce(collector.stub(), number, UINT64_MAX - number); });
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(0, 900)(random)));
    collector.process().signal(SIGKILL);
    EXPECT_EQ(collector.process().wait(), 128 + SIGKILL);
  }
  Collector collector(folder / "store", flags);
  produce(collector.stub(), number, 500);
  EXPECT_TRUE(eventually(is_caught_up, 60s));
  EXPECT_EQ(collector.stop(), 0);
}

TEST(DatabaseKill, EachEntryIsInOneParquetFileOnce) {
  auto database = DuckDbDatabase::open(":memory:", {});
  if (!database) GTEST_SKIP() << database.error().to_string();
  const TempFolder folder;
  kill_and_stop(folder, "{ type: parquet, path: " + (folder / "data").string() + " }",
                [] { return true; });  // A stop writes what is left.
  const std::string files = "read_parquet('" + (folder / "data/*/*/*/*/*.parquet").string() + "')";
  const auto stored = static_cast<std::int64_t>(stored_entries(folder / "store"));
  EXPECT_GT(stored, 500);
  const auto number = [&](const std::string& query) {
    const auto found = (*database)->number(query);
    EXPECT_TRUE(found) << found.error().to_string();
    return found.value_or(-1);
  };
  EXPECT_EQ(number("SELECT count(*) FROM " + files), stored);
  EXPECT_EQ(number("SELECT count(DISTINCT (file_uuid, ordinal)) FROM " + files), stored);
  EXPECT_EQ(number("SELECT count(*) FROM read_parquet('" + (folder / "data/*/*/*/*/*.parquet").string() +
                   "', filename = true) WHERE filename NOT LIKE '%/' || host || '/2026/%/' || minute_key || '%'"),
            0);
}

TEST(DatabaseKill, EachEntryIsInOneParquetObjectOnce) {
  auto database = DuckDbDatabase::open(":memory:", {});
  if (!database) GTEST_SKIP() << database.error().to_string();
  const auto server = S3Server::start();
  if (!server) GTEST_SKIP() << kNoServers;
  const TempFolder folder;
  std::ofstream(folder / "credentials") << "[default]\naws_access_key_id = " << S3Server::kKey
                                        << "\naws_secret_access_key = " << S3Server::kSecret << "\n";
  web::S3Client client({server->url(), "us-east-1", "logs"}, {S3Server::kKey, S3Server::kSecret, ""}, {});
  ASSERT_TRUE(client.put("", "")) << "the bucket";
  const auto output_to = [&](const std::string& prefix) {
    return "{ type: parquet, path: 's3://logs/" + prefix + "', endpoint: '" + server->url() + "', credentials_file: '" +
           (folder / "credentials").string() + "' }";
  };
  const auto fetch = [&](const std::string& prefix) {
    const auto objects = client.list(prefix + "/host=");
    ASSERT_TRUE(objects);
    for (const auto& object : *objects) {
      const fs::path file = folder / object.key;
      fs::create_directories(file.parent_path());
      const auto bytes = client.get(object.key);
      ASSERT_TRUE(bytes && *bytes) << object.key;
      std::ofstream(file, std::ios::binary) << **bytes;
    }
  };
  const auto number = [&](const std::string& what, const std::string& prefix) {
    return (*database)
        ->number("SELECT " + what + " FROM read_parquet('" + (folder / prefix / "*/*/*.parquet").string() + "')")
        .value_or(-1);
  };
  kill_and_stop(folder, output_to("p"), [] { return true; });  // A stop sends what is left.
  fetch("p");
  const auto stored = static_cast<std::int64_t>(stored_entries(folder / "store"));
  EXPECT_GT(stored, 500);
  EXPECT_EQ(number("count(*)", "p"), stored);
  EXPECT_EQ(number("count(DISTINCT (file_uuid, ordinal))", "p"), stored);
  // As engines read it: host and date of the path.
  EXPECT_EQ(number("count(*) FILTER (host LIKE 'host-_' AND date = '2026-01-17')", "p"), stored);
  // Another place has nothing yet.
  std::ofstream(folder / "towld.yaml") << "outputs:\n- " << output_to("q") << "\n";
  Collector collector(folder / "store", {"--config", folder / "towld.yaml"});
  EXPECT_EQ(collector.stop(), 0);
  fetch("q");
  EXPECT_EQ(number("count(DISTINCT (file_uuid, ordinal))", "q"), stored);
}

// It refuses what it is asked: the output is told of that again and again, and neither start nor stop waits for it.
TEST(DatabaseKill, ACollectorStartsAndStopsWithoutTheObjectStore) {
  auto database = DuckDbDatabase::open(":memory:", {});
  if (!database) GTEST_SKIP() << database.error().to_string();
  std::atomic<int> asked = 0;
  std::promise<void> listens;
  const StandInServer away([&, is_there = listens.get_future().share()](const auto&) -> StandInAnswer {
    is_there.wait();
    ++asked;
    return {.status = 503};
  });
  const TempFolder folder;
  std::ofstream(folder / "credentials") << "[default]\naws_access_key_id = key\naws_secret_access_key = secret\n";
  std::ofstream(folder / "towld.yaml") << "outputs:\n- { type: parquet, path: 's3://logs/p', endpoint: '" << away.url()
                                       << "', credentials_file: '" << (folder / "credentials").string() << "' }\n";
  Collector collector(folder / "store", {"--config", folder / "towld.yaml"});
  listens.set_value();  // No answer was there until now.
  ASSERT_FALSE(collector.address().empty());
  std::uint64_t number = 0;
  produce(collector.stub(), number, 50);
  ASSERT_TRUE(eventually([&] { return asked > 5; }, 60s)) << "a second time, after all tries of the first";
  EXPECT_EQ(collector.stop(), 0);
  EXPECT_EQ(stored_entries(folder / "store"), 50U);
}

TEST(DatabaseKill, EachEntryIsInTheSqliteTableOnce) {
  const TempFolder folder;
  const auto path = (folder / "logs.db").string();
  kill_and_stop(folder, "{ type: sqlite, path: " + path + " }", [&] {
    return run({"sqlite3", path, "SELECT count(*) FROM logs"}).out ==
           std::to_string(stored_entries(folder / "store")) + "\n";
  });
  std::string expected;
  for (const Entry& entry : read_all(*Store::open(folder / "store"))) expected += entry.log_entry + "\n";
  // The shell, which is not ours.
  const auto ran = run({"sqlite3", path, "SELECT message FROM logs ORDER BY id"});
  ASSERT_EQ(ran.code, 0) << ran.err;
  EXPECT_GT(expected.size(), 5'000u);
  EXPECT_TRUE(ran.out == expected) << ran.out.size() << " bytes, and not " << expected.size();
  EXPECT_EQ(run({"sqlite3", path, "PRAGMA integrity_check"}).out, "ok\n");
}

// What was committed is there for others while it runs.
TEST(DatabaseKill, SqliteShowsTheNewestWhileItRuns) {
  const TempFolder folder;
  const auto path = (folder / "logs.db").string();
  std::ofstream(folder / "towld.yaml") << "outputs:\n- { type: sqlite, path: " << path << " }\n";
  Collector collector(folder / "store", {"--config", folder / "towld.yaml"});
  std::uint64_t number = 0;
  produce(collector.stub(), number, 50);
  const auto newest = [&] {
    return run({"sqlite3", path,
                "SELECT message, timestamp, sender, level IS NULL, details IS NULL FROM logs ORDER BY id DESC LIMIT 1"})
        .out;
  };
  EXPECT_TRUE(eventually([&] { return newest() == "entry 49|2026-01-17T14:30:00.000000000Z|host-4|1|1\n"; }))
      << newest();
  EXPECT_EQ(collector.stop(), 0);
}

// Without the library: a start that says what to do.
TEST(DatabaseKill, WithoutDuckDbItSaysWhatToDo) {
  const TempFolder folder;
  std::ofstream(folder / "towld.yaml")
      << "store: { path: " << (folder / "store").string()
      << " }\nlisten: { grpc: '127.0.0.1:0', http: '127.0.0.1:0' }\noutputs:\n- { type: parquet, path: "
      << (folder / "data").string() << " }\n";
  const auto ran = run({TOWLD_PROGRAM, "--config", folder / "towld.yaml"},
                       {.environment = {{"TOWL_DUCKDB_LIB", (folder / "none.so").string()}}});
  EXPECT_EQ(ran.code, 2);
  EXPECT_NE(ran.err.find("scripts/install-duckdb"), std::string::npos) << ran.err;
}

}  // namespace
}  // namespace towl::test

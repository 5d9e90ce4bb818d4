// A store's sealed files go to an object store, and are read, searched and restored from there by towlctl. Against s3proxy,
// which checks signatures.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "support/collector.hpp"
#include "support/stores.hpp"
#include "support/test_servers.hpp"
#include "towl/web/s3_client.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr int kKills = 5;

std::string bytes_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class ArchiveEndToEnd : public testing::Test {
 protected:
  void SetUp() override {
    s3_ = S3Server::start();
    if (!s3_) GTEST_SKIP() << kNoServers;
    ASSERT_TRUE(client().put("", "")) << "the bucket";
    std::ofstream(folder_ / "credentials") << "[default]\naws_access_key_id = " << S3Server::kKey
                                           << "\naws_secret_access_key = " << S3Server::kSecret << "\n";
    std::ofstream(folder_ / "towld.yaml")
        << "store: { partition: { max_entries: 1000 } }\narchive: { type: s3, endpoint: \"" << s3_->url()
        << "\", bucket: logs, prefix: host=a, credentials_file: \"" << (folder_ / "credentials").string() << "\" }\n";
  }

  web::S3Client client() const {
    return {{s3_->url(), "us-east-1", "logs"}, {S3Server::kKey, S3Server::kSecret, ""}, {}};
  }

  std::unique_ptr<Collector> start() const {
    return std::make_unique<Collector>(folder_ / "store", std::vector<std::string>{"--config", folder_ / "towld.yaml"});
  }

  ProcessResult towlctl(std::vector<std::string> arguments, const std::string& input = "",
                        const std::string& secret = S3Server::kSecret) const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return run(arguments, {.environment = {{"AWS_ENDPOINT_URL", s3_->url()},
                                           {"AWS_ACCESS_KEY_ID", S3Server::kKey},
                                           {"AWS_SECRET_ACCESS_KEY", secret},
                                           {"TOWL_STORE", (folder_ / "restored").string()},
                                           {"TZ", "UTC"}},
                           .input = input});
  }

  void store(const Collector& collector, std::uint64_t first, std::uint64_t count) const {
    std::string lines;
    for (std::uint64_t i = first; i < first + count; ++i) lines += numbered_text(i) + "\n";
    const auto stored = towlctl({"append", "--server", collector.address(), "-q"}, lines);
    ASSERT_EQ(stored.code, 0) << stored.err;
  }

  bool is_archived(const std::string& name) const {
    return eventually([&] { return client().head("host=a/" + name)->has_value(); }, std::chrono::seconds(60));
  }

  TempFolder folder_;
  std::unique_ptr<S3Server> s3_;
};

TEST_F(ArchiveEndToEnd, WhatIsSealedIsReadInPlaceAndRestored) {
  auto collector = start();
  store(*collector, 0, 3500);
  ASSERT_TRUE(is_archived("3.towl"));
  const std::string archive = "s3://logs/host=a";
  const auto listed = towlctl({"ls", archive});
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_THAT(listed.out, HasSubstr("sealed"));
  EXPECT_EQ(std::count(listed.out.begin(), listed.out.end(), '\n'), 4) << listed.out;
  const auto printed = towlctl({"cat", "-o", "cat", archive});
  EXPECT_EQ(printed.code, 0) << printed.err;
  std::string expected;
  for (std::uint64_t i = 0; i < 3000; ++i) expected += numbered_text(i) + "\n";
  EXPECT_TRUE(printed.out == expected) << printed.out.size();
  const auto found = towlctl({"grep", "-o", "entry 1234", archive + "/2.towl"});
  EXPECT_EQ(found.code, 0) << found.err;
  EXPECT_THAT(found.out, HasSubstr("entry 1234"));
  // For a word that is in none of the files, only the filters next to them are fetched.
  ASSERT_TRUE(is_archived("filters/3.filter"));
  EXPECT_EQ(towlctl({"grep", "-w", "nowhere4711", archive}).code, 1);
  EXPECT_EQ(towlctl({"grep", "-c", "-w", "1234", archive}).out, "1\n");
  const auto counted = towlctl({"query", "entry | stats count()", archive, "-o", "csv"});
  EXPECT_THAT(counted.out, HasSubstr("3000")) << counted.err;
  // Restored once, then there.
  auto restored = towlctl({"restore", archive});
  EXPECT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.err, HasSubstr("3 files restored"));
  for (const char* name : {"1.towl", "2.towl", "3.towl"}) {
    EXPECT_TRUE(bytes_of(folder_ / "restored" / name) == bytes_of(folder_ / "store" / name)) << name;
  }
  EXPECT_TRUE(fs::exists(folder_ / "restored/store.filters"));
  restored = towlctl({"sync", archive});
  EXPECT_EQ(restored.code, 0) << restored.err;
  EXPECT_THAT(restored.err, HasSubstr("3 were there"));
  EXPECT_EQ(towlctl({"verify"}).code, 0);
  // An object that is not what was archived is not restored.
  auto s3 = client();
  auto bytes = **s3.get("host=a/2.towl");
  const auto digest = std::string((*s3.head("host=a/2.towl"))->meta("towl-sha256"));
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ASSERT_TRUE(s3.put("host=a/2.towl", bytes, {{"towl-sha256", digest}}));
  restored = towlctl({"restore", archive, "--store", folder_ / "other"});
  EXPECT_EQ(restored.code, 1);
  EXPECT_THAT(restored.err, HasSubstr("its SHA-256 differs"));
  EXPECT_FALSE(fs::exists(folder_ / "other/2.towl"));
  EXPECT_TRUE(fs::exists(folder_ / "other/3.towl"));
}

// Every command that reads a store reads an archive.
TEST_F(ArchiveEndToEnd, AllReadersReadInPlace) {
  auto collector = start();
  store(*collector, 0, 3500);
  ASSERT_TRUE(is_archived("3.towl"));
  const std::string archive = "s3://logs/host=a";
  const auto gives = [&](const std::vector<std::string>& arguments) {
    const auto ran = towlctl(arguments);
    EXPECT_EQ(ran.code, 0) << arguments[0] << ": " << ran.err;
    return ran.out + ran.err;
  };
  EXPECT_THAT(gives({"info", archive + "/2.towl"}), HasSubstr("1,000"));
  EXPECT_THAT(gives({"verify", archive}), HasSubstr("2"));
  EXPECT_THAT(gives({"patterns", archive}), HasSubstr("3000"));
  EXPECT_THAT(gives({"stats", archive, "-o", "csv"}), HasSubstr("3000"));
  const auto last = gives({"tail", "-n", "1", archive});
  EXPECT_THAT(last, HasSubstr("entry 2999"));
  EXPECT_THAT(last, HasSubstr("no entries that could be followed"));
  EXPECT_THAT(gives({"show", "2:7", "--store", archive}), HasSubstr("entry 1007"));
  const std::string uuid = gives({"cat", "-n", "1", "-o", "json", archive});
  const auto at = uuid.find("\"file_uuid\":\"") + 13;
  EXPECT_THAT(gives({"show", uuid.substr(at, 32) + "/7", "--store", archive}), HasSubstr("entry 2007"));
  EXPECT_THAT(gives({"export", "csv", archive, "--columns", "ordinal,message"}), HasSubstr("entry 2999"));
  // Without DuckDB's library there is no SQL.
  const auto counted =
      towlctl({"sql", "SELECT count(*), count(DISTINCT message) FROM logs", "--store", archive, "-o", "csv"});
  if (counted.err.find("install-duckdb") != std::string::npos) return;
  EXPECT_THAT(counted.out, HasSubstr("3000,3000")) << counted.err;
  EXPECT_THAT(gives({"sql", "SELECT sum(entries) FROM files", "--store", archive, "-o", "csv"}), HasSubstr("3000"));
  EXPECT_THAT(gives({"sql", "SELECT sum(count) FROM patterns", "--store", archive, "-o", "csv"}), HasSubstr("3000"));
  EXPECT_THAT(gives({"sql", "SELECT message FROM logs WHERE message LIKE '%entry 1234%'", archive, "-o", "csv"}),
              HasSubstr("entry 1234"));
  EXPECT_THAT(gives({"sql", "SELECT count(*) FROM read_towl('" + archive + "/2.towl')", archive, "-o", "csv"}),
              HasSubstr("1000"));
}

TEST_F(ArchiveEndToEnd, MistakesAreToldWithWhatToDo) {
  auto collector = start();
  store(*collector, 0, 1500);
  ASSERT_TRUE(is_archived("1.towl"));
  EXPECT_THAT(towlctl({"cat", "s3://logs/nothing"}).err, HasSubstr("the archive has nothing there"));
  EXPECT_THAT(towlctl({"cat", "s3://logs/host=a/9.towl"}).err, HasSubstr("no such file in the archive"));
  EXPECT_THAT(towlctl({"cat", "s3://logs/host=a"}, "", "wrong").err, HasSubstr("Look at the key and the secret"));
  EXPECT_THAT(towlctl({"restore", "/tmp"}).err, HasSubstr("s3://BUCKET/PREFIX"));
}

TEST_F(ArchiveEndToEnd, ACollectorThatIsKilledArchivesEachFileWhole) {
  for (std::uint64_t round = 0; round < kKills; ++round) {
    auto collector = start();
    store(*collector, round * 2000, 2000);
    collector->process().signal(SIGKILL);
    EXPECT_EQ(collector->process().wait(), 128 + SIGKILL);
  }
  auto collector = start();
  store(*collector, kKills * 2000, 1);
  const std::string last = std::to_string(kKills * 2) + ".towl";
  ASSERT_TRUE(is_archived(last));
  EXPECT_EQ(collector->stop(), 0);
  auto s3 = client();
  for (int id = 1; id <= kKills * 2; ++id) {
    const std::string name = std::to_string(id) + ".towl";
    EXPECT_TRUE(**s3.get("host=a/" + name) == bytes_of(folder_ / "store" / name)) << name;
  }
  EXPECT_TRUE(s3.uploads("")->empty());
}

}  // namespace
}  // namespace towl::test

// What towlctl sync does with an honest collector, and what it makes of any mirror it finds.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_writer.hpp"
#include "towlctl/commands/fake_collector.hpp"
#include "towlctl/commands/run_towlctl.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Sync : public testing::Test {
 protected:
  static void write_file(const fs::path& path, FileId id, const std::vector<Entry>& entries, bool close) {
    auto writer = FileWriter::create(
        path, {.file_id = id, .org = "acme", .title = "syslog", .opened = 1'000, .format = FileFormat::v1});
    ASSERT_TRUE(writer) << writer.error().to_string();
    ASSERT_TRUE(writer->append(views(entries)));
    ASSERT_TRUE(close ? writer->close(2'000) : writer->sync());
  }

  static void add_to_file(const fs::path& path, const std::vector<Entry>& entries, bool close) {
    auto writer = FileWriter::open(path);
    ASSERT_TRUE(writer) << writer.error().to_string();
    ASSERT_TRUE(writer->append(views(entries)));
    // Closed in any case: only then the index page is sure to be up to date, which the fake collector reads.
    ASSERT_TRUE(writer->close(close ? 2'000 : 3'000));
  }

  fs::path there(FileId id) const { return server_.path() / (std::to_string(id) + ".towl"); }
  fs::path here(FileId id) const { return mirror_.path() / (std::to_string(id) + ".towl"); }

  Ran sync(std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {"sync", "--server", collector_.address(), "--store", mirror_.path().string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_towlctl(arguments);
  }

  nlohmann::json sync_json(std::vector<std::string> more = {}, int code = 0) {
    more.push_back("--json");
    const Ran ran = sync(more);
    EXPECT_EQ(ran.code, code) << ran.err;
    return nlohmann::json::parse(ran.out, nullptr, false);
  }

  TempFolder server_;
  TempFolder mirror_;
  FakeCollector collector_{server_.path()};
};

TEST_F(Sync, ColdSyncIsByteIdentical) {
  write_file(there(1), 1, numbered_entries(0, 1000), true);
  write_file(there(3), 3, numbered_entries(5000, 1), true);
  write_file(there(4), 4, {}, true);
  const Ran ran = sync();
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("3 files"));
  for (const FileId id : {1, 3, 4}) EXPECT_EQ(bytes_of(here(id)), bytes_of(there(id))) << id;
}

TEST_F(Sync, TheSecondSyncReceivesTheNewEntriesAlone) {
  write_file(there(1), 1, numbered_entries(0, 500), true);
  write_file(there(2), 2, numbered_entries(0, 300), true);
  sync();
  const auto before = fs::file_size(there(2));
  add_to_file(there(2), numbered_entries(300, 77), false);
  const auto json = sync_json();
  EXPECT_EQ(json["new_entries"], 77);
  EXPECT_EQ(json["bytes_received"], fs::file_size(there(2)) - before);
  EXPECT_EQ(json["files"], 1);
  EXPECT_EQ(json["skipped_files"], 1);
  EXPECT_EQ(bytes_of(here(2)), bytes_of(there(2)));
}

TEST_F(Sync, WhatIsCompleteIsSkippedWithoutAStream) {
  write_file(there(1), 1, numbered_entries(0, 500), true);
  sync();
  collector_.pulls = 0;
  EXPECT_EQ(sync_json()["skipped_files"], 1);
  EXPECT_EQ(collector_.pulls, 0);
}

TEST_F(Sync, ManyFilesSideBySide) {
  for (FileId id = 1; id <= 60; ++id) write_file(there(id), id, numbered_entries(id * 100, id % 7 * 50), id % 2 == 0);
  EXPECT_EQ(sync_json({"--jobs", "8"})["files"], 60);
  for (FileId id = 1; id <= 60; ++id) EXPECT_EQ(read_all(here(id)), read_all(there(id))) << id;
}

TEST_F(Sync, OnlyTheFilesAskedFor) {
  for (FileId id = 1; id <= 4; ++id) write_file(there(id), id, numbered_entries(0, 10), true);
  EXPECT_EQ(sync_json({"--id", "2", "--id", "4"})["files"], 2);
  EXPECT_FALSE(fs::exists(here(1)));
  EXPECT_TRUE(fs::exists(here(4)));
  EXPECT_EQ(sync_json({"--title", "another"})["files"], 0);
  const Ran ran = sync({"--id", "9"});
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("file 9: the collector has no such file"));
  EXPECT_EQ(sync({"--id", "1", "--id", "9"}).code, 3);
}

TEST_F(Sync, RetiredFilesStay) {
  write_file(there(1), 1, numbered_entries(0, 10), true);
  write_file(there(2), 2, numbered_entries(0, 10), true);
  sync();
  fs::remove(there(1));
  EXPECT_EQ(sync_json()["retired_files"], 1);
  EXPECT_TRUE(fs::exists(here(1)));
}

// A kill, a full disk or another accident may leave the mirror's file with any length.
TEST_F(Sync, EveryTruncationIsCompleted) {
  write_file(there(1), 1, numbered_entries(0, 200), true);
  const std::string whole = bytes_of(there(1));
  std::vector<std::size_t> cuts = {0, 1, 9, 100, 1023, 1024, 1025, 1500, 2047, 2048, 2049, whole.size() - 1};
  for (std::size_t cut = 2050; cut < whole.size(); cut += 131) cuts.push_back(cut);
  for (const std::size_t cut : cuts) {
    SCOPED_TRACE(cut);
    write_bytes(here(1), std::string_view(whole).substr(0, cut));
    const auto json = sync_json();
    EXPECT_EQ(json["diverged"], 0);
    EXPECT_EQ(bytes_of(here(1)), whole);
  }
}

// The index page may be older than the entries, be ahead of them, or be torn itself.
TEST_F(Sync, AWrongIndexPageIsPutRight) {
  write_file(there(1), 1, numbered_entries(0, 200), true);
  const std::string whole = bytes_of(there(1));
  const std::string no_entries = [&] {
    TempFolder folder;
    write_file(folder / "1.towl", 1, {}, false);
    return bytes_of(folder / "1.towl");
  }();
  for (const std::size_t end : {whole.size(), whole.size() / 2, whole.size() / 3}) {
    SCOPED_TRACE(end);
    write_bytes(here(1), no_entries.substr(0, 2048) + whole.substr(2048, end - 2048));
    EXPECT_EQ(sync_json()["diverged"], 0);
    EXPECT_EQ(bytes_of(here(1)), whole);
    write_bytes(here(1), whole.substr(0, 1024) + std::string(1024, '\xEE') + whole.substr(2048, end - 2048));
    EXPECT_EQ(sync_json()["diverged"], 0);
    EXPECT_EQ(bytes_of(here(1)), whole);
  }
}

TEST_F(Sync, ADivergedFileIsSetAsideAndPulledAfresh) {
  write_file(there(1), 1, numbered_entries(0, 100), true);
  for (int round = 0; round < 3; ++round) {
    fs::remove(here(1));
    write_file(here(1), 1, numbered_entries(1000, 50), false);
    const std::string other = bytes_of(here(1));
    const Ran ran = sync();
    EXPECT_EQ(ran.code, 1) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr("DIVERGED"));
    EXPECT_EQ(sync().code, 0) << "said once";
    EXPECT_EQ(bytes_of(here(1)), bytes_of(there(1)));
    EXPECT_EQ(bytes_of(here(1).string() + ".diverged" + (round == 0 ? "" : "." + std::to_string(round))), other);
  }
}

TEST_F(Sync, AFileWithAnotherHeaderIsSetAside) {
  write_file(there(1), 1, numbered_entries(0, 100), true);
  write_bytes(here(1), "no towl file");
  EXPECT_EQ(sync_json({}, 1)["diverged"], 1);
  EXPECT_EQ(bytes_of(here(1)), bytes_of(there(1)));
  EXPECT_EQ(bytes_of(here(1).string() + ".diverged"), "no towl file");
}

TEST_F(Sync, AMirrorWithMoreThanTheCollectorIsSetAside) {
  write_file(there(1), 1, numbered_entries(0, 100), false);
  write_file(here(1), 1, numbered_entries(0, 120), true);
  EXPECT_EQ(sync_json({}, 1)["diverged"], 1);
  EXPECT_EQ(read_all(here(1)), read_all(there(1)));
}

// Somebody has set up another collector at the same address. Its files are not mixed with those of the first.
TEST_F(Sync, AnotherStoreAtTheSameAddressIsSaidAndKeptApart) {
  const auto has_store = [&](char digit) {
    collector_.change_list = [=](v1::ListFilesResponse& list) { list.set_store(std::string(32, digit)); };
  };
  has_store('a');
  write_file(there(1), 1, numbered_entries(0, 100), true);
  write_file(there(2), 2, numbered_entries(100, 100), true);
  EXPECT_EQ(sync().code, 0);
  EXPECT_EQ(sync().code, 0);
  const std::string first = bytes_of(there(1));
  fs::remove(there(2));
  fs::remove(there(1));
  write_file(there(1), 1, numbered_entries(1000, 10), true);
  has_store('b');
  const Ran ran = sync();
  EXPECT_EQ(ran.code, 1);
  EXPECT_THAT(ran.err, HasSubstr("DIVERGED: the collector at " + collector_.address() + " has another store"));
  EXPECT_THAT(ran.err, testing::Not(HasSubstr("is not a copy")));
  EXPECT_EQ(bytes_of(here(1)), bytes_of(there(1)));
  EXPECT_FALSE(fs::exists(here(2)));
  EXPECT_EQ(bytes_of(mirror_ / ("store-" + std::string(32, 'a')) / "1.towl"), first);
  EXPECT_TRUE(fs::exists(mirror_ / ("store-" + std::string(32, 'a')) / "2.towl"));
  EXPECT_EQ(sync().code, 0) << "said once";
  // A collector that does not say which store it has changes nothing; one that lies is refused.
  collector_.change_list = nullptr;
  EXPECT_EQ(sync().code, 0);
  collector_.change_list = [](v1::ListFilesResponse& list) { list.set_store("../../etc"); };
  EXPECT_EQ(sync().code, 1);
  EXPECT_TRUE(fs::exists(here(1)));
}

TEST_F(Sync, ACutStreamGoesOnWhereItStopped) {
  write_file(there(1), 1, numbered_entries(0, 2000), true);
  collector_.cuts = 7;
  const auto json = sync_json();
  EXPECT_EQ(json["bytes_received"], fs::file_size(there(1)) - 2048);
  EXPECT_EQ(collector_.bytes_sent, fs::file_size(there(1)) - 2048);
  EXPECT_EQ(bytes_of(here(1)), bytes_of(there(1)));
}

TEST_F(Sync, TwoSyncsAtOnceAreRefused) {
  const auto lock = posix_file_layer().lock(mirror_ / "store.lock");
  ASSERT_TRUE(lock);
  const Ran ran = sync();
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.lines(), 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("another sync or a collector writes to " + mirror_.path().string()));
}

TEST_F(Sync, AnUnreachableCollectorIsOneLine) {
  const auto begun = std::chrono::steady_clock::now();
  const Ran ran = run_towlctl({"sync", "--server", "127.0.0.1:1", "--store", mirror_.path().string()});
  EXPECT_EQ(ran.code, 1);
  EXPECT_EQ(ran.lines(), 1) << ran.err;
  EXPECT_THAT(ran.err, HasSubstr("127.0.0.1:1"));
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

TEST_F(Sync, UsageErrorsAreTwo) {
  EXPECT_EQ(sync({"--jobs", "0"}).code, 2);
  EXPECT_EQ(sync({"--since", "sometime"}).code, 2);
  EXPECT_EQ(sync({"--follow", "--id", "1"}).code, 2);
}

}  // namespace
}  // namespace towl::test

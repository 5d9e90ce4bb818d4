#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/commit_group.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/store.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;
using test::views;

constexpr std::int64_t kPartitionDayNs = 24 * 3600 * kNanosecondsPerSecond;

class StoreWriting : public testing::Test {
 protected:
  StoreWriter open(StoreOptions options = {}) {
    options.layer = &layer;
    options.clock = [this] { return time; };
    auto writer = StoreWriter::open("/s", options);
    if (!writer) ADD_FAILURE() << writer.error().to_string();
    return std::move(*writer);
  }
  std::vector<StoredRange> append(StoreWriter& writer, std::uint64_t first, std::uint64_t count) {
    auto ranges = writer.append(views(numbered_entries(first, count)));
    if (!ranges) ADD_FAILURE() << ranges.error().to_string();
    return ranges.value_or(std::vector<StoredRange>{});
  }
  std::vector<Entry> all() { return read_all(*Store::open("/s", &layer)); }
  using Ranges = std::vector<StoredRange>;
  MemoryFileLayer layer;
  Timestamp time = 1'768'660'200'000'000'000;  // 2026-01-17T14:30:00Z
};

TEST_F(StoreWriting, SplitsABatchAtThePartitionsEnd) {
  auto writer = open({.partition = {.max_entries = 10}});
  EXPECT_EQ(append(writer, 0, 4), (Ranges{{1, 0, 4}}));
  EXPECT_EQ(append(writer, 4, 20), (Ranges{{1, 4, 6}, {2, 0, 10}, {3, 0, 4}}));
  EXPECT_EQ(append(writer, 24, 6), (Ranges{{3, 4, 6}}));
  EXPECT_EQ(all(), numbered_entries(0, 30));
}

TEST_F(StoreWriting, PartitionsByBytes) {
  auto writer = open({.partition = {.max_bytes = 4096}});
  append(writer, 0, 200);
  const auto listing = writer.reader().list();
  ASSERT_GT(listing->files.size(), 3U);
  for (const auto& file : listing->files) {
    if (!file.index.closed) continue;
    EXPECT_GE(file.size, 4096U);
    EXPECT_LT(file.size, 4096U + 300 + 1144) << "the last entry's frame, and the header page once more";
  }
  EXPECT_EQ(all(), numbered_entries(0, 200));
}

TEST_F(StoreWriting, PartitionsByDayOfTheCollectorsClock) {
  auto writer = open({.partition = {.period = Period::day}});
  EXPECT_EQ(append(writer, 0, 1), (Ranges{{1, 0, 1}}));
  time += kPartitionDayNs / 4;
  EXPECT_EQ(append(writer, 1, 1), (Ranges{{1, 1, 1}}));
  time += kPartitionDayNs / 4;
  EXPECT_EQ(append(writer, 2, 1), (Ranges{{2, 0, 1}})) << "past midnight UTC";
  time -= 10 * 365 * kPartitionDayNs;
  EXPECT_EQ(append(writer, 3, 1), (Ranges{{2, 1, 1}})) << "a clock that jumps back starts no file";
}

TEST_F(StoreWriting, ClosesAFileWhoseTimeIsOverWithoutAnAppend) {
  auto writer = open({.partition = {.max_age_ns = kPartitionDayNs}});
  append(writer, 0, 1);
  time += kPartitionDayNs;
  ASSERT_TRUE(writer.roll_if_due());
  EXPECT_FALSE(writer.open_file());
  EXPECT_EQ(writer.reader().list()->files.at(0).index.closed, time);
}

TEST_F(StoreWriting, GoesOnWithTheOpenFile) {
  {
    auto writer = open();
    append(writer, 0, 5);
  }
  auto writer = open();
  EXPECT_EQ(append(writer, 5, 5), (Ranges{{1, 5, 5}}));
  EXPECT_EQ(all(), numbered_entries(0, 10));
}

TEST_F(StoreWriting, BeginsAnotherFileForAnotherTitle) {
  {
    auto writer = open({.title = "syslog"});
    append(writer, 0, 5);
  }
  auto writer = open({.title = "web"});
  EXPECT_EQ(append(writer, 5, 5), (Ranges{{2, 0, 5}}));
  EXPECT_TRUE(writer.reader().list()->files.at(0).index.closed);
}

TEST_F(StoreWriting, NeverUsesAnIdAgain) {
  {
    auto writer = open({.partition = {.max_entries = 1}});
    append(writer, 0, 3);
    EXPECT_EQ(writer.retain({.max_bytes = 0})->size(), 2U);
    ASSERT_TRUE(writer.close(true));
  }
  auto writer = open();
  EXPECT_EQ(append(writer, 3, 1), (Ranges{{4, 0, 1}}));
  layer.set_contents("/s/9.towl.torn", "");
  ASSERT_TRUE(writer.close());
  EXPECT_EQ(open().next_file_id(), 10U);
}

TEST_F(StoreWriting, RefusesASecondWriter) {
  const auto writer = open();
  const auto second = StoreWriter::open("/s", {.layer = &layer});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::locked);
  EXPECT_NE(second.error().to_string().find("store.lock"), std::string::npos);
}

TEST_F(StoreWriting, RefusesTheWholeBatchForOneEntryTooLarge) {
  auto writer = open({.max_entry_bytes = 60});
  auto batch = numbered_entries(0, 3);
  batch[1].log_entry = std::string(100, 'x');
  const auto refused = writer.append(views(batch));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::entry_too_large);
  EXPECT_NE(refused.error().message.find("entry 1 of the batch"), std::string::npos);
  EXPECT_EQ(all(), std::vector<Entry>{});
}

TEST_F(StoreWriting, RecoversATornTail) {
  {
    auto writer = open();
    append(writer, 0, 5);
  }
  layer.set_contents("/s/1.towl", layer.contents("/s/1.towl") + "torn");
  auto writer = open();
  ASSERT_EQ(writer.recovered().size(), 1U);
  EXPECT_EQ(writer.recovered()[0].torn_bytes, 4U);
  // The ordinals that the torn entries may have had are not assigned again.
  EXPECT_EQ(append(writer, 5, 1), (Ranges{{1, 5 + 65'536, 1}}));
  EXPECT_EQ(all(), numbered_entries(0, 6));
}

TEST_F(StoreWriting, LeavesAnUnreadableFileAndGoesOn) {
  layer.set_contents("/s/1.towl", "hello");
  auto writer = open();
  EXPECT_EQ(append(writer, 0, 1), (Ranges{{2, 0, 1}}));
  EXPECT_EQ(layer.contents("/s/1.towl"), "hello");
}

TEST_F(StoreWriting, AFullDiskStoresNothingOfABatchAndHealsByItself) {
  auto writer = open();
  append(writer, 0, 10);
  layer.set_capacity(layer.contents("/s/1.towl").size() + 50);
  const auto refused = writer.append(views(numbered_entries(100, 10)));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::no_space);
  EXPECT_EQ(all(), numbered_entries(0, 10));
  layer.set_capacity(1 << 20);
  append(writer, 10, 10);
  EXPECT_EQ(all(), numbered_entries(0, 20));
}

// P2: what a failed sync leaves in doubt is written to a new file; the old file is cut after what is sure.
TEST_F(StoreWriting, AFailedSyncMovesWhatIsInDoubtToANewFile) {
  auto writer = open();
  append(writer, 0, 5);
  ASSERT_TRUE(writer.sync());
  append(writer, 5, 3);
  layer.fail_at(layer.operations(), ErrorCode::io);
  const auto synced = writer.sync();
  ASSERT_TRUE(synced);
  const std::vector<Move>& moves = *synced;
  ASSERT_EQ(moves.size(), 1U);
  EXPECT_EQ(moves[0].from, (StoredRange{1, 5, 3}));
  EXPECT_EQ(moves[0].to, (StoredRange{2, 0, 3}));
  EXPECT_TRUE(writer.sync()->empty());
  EXPECT_EQ(append(writer, 8, 1), (Ranges{{2, 3, 1}}));
  EXPECT_EQ(all(), numbered_entries(0, 9)) << "each once";
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(read_all("/s/2.towl", &layer), numbered_entries(5, 3)) << "moved and synced";
}

TEST_F(StoreWriting, ASyncThatFailsEverywhereIsAnError) {
  auto writer = open();
  append(writer, 0, 5);
  layer.fail_at(layer.operations(), ErrorCode::io, 1000);
  EXPECT_FALSE(writer.sync());
  EXPECT_TRUE(writer.sync()->empty());
}

// Its producers were told that it is not stored, and send it again.
TEST_F(StoreWriting, WhatAFailedSyncTakesBackIsNotThere) {
  auto writer = open();
  append(writer, 0, 5);
  ASSERT_TRUE(writer.sync());
  append(writer, 5, 3);  // Acknowledged as written: it stays.
  {
    CommitGroup group(writer);
    append(writer, 8, 2);
    layer.fail_at(layer.operations(), ErrorCode::io, 2);  // The sync, and the first call for a new file.
    EXPECT_FALSE(writer.sync());
    ASSERT_EQ(group.losses().size(), 1U);
    EXPECT_EQ(group.losses()[0].range, (StoredRange{1, 8, 2}));
    EXPECT_EQ(all(), numbered_entries(0, 8));
  }
  EXPECT_TRUE(CommitGroup(writer).losses().empty());
  EXPECT_EQ(append(writer, 8, 2), (Ranges{{2, 0, 2}}));
  EXPECT_EQ(all(), numbered_entries(0, 10)) << "each once";
}

// A write fails, and so does undoing what it left: the disk works again later, and the store goes on by itself.
TEST_F(StoreWriting, GoesOnAfterAWriteThatCouldNotBeTakenBack) {
  auto writer = open();
  append(writer, 0, 5);
  ASSERT_TRUE(writer.sync());
  layer.fail_at(layer.operations(), ErrorCode::no_space, 1000);
  EXPECT_FALSE(writer.append(views(numbered_entries(5, 3))));
  EXPECT_FALSE(writer.append(views(numbered_entries(5, 3))));
  layer.fail_at(0, ErrorCode::io, 0);
  append(writer, 5, 3);
  ASSERT_TRUE(writer.close());
  EXPECT_EQ(all(), numbered_entries(0, 8));
}

// No matter which call fails while a file is made: the next append makes one.
TEST_F(StoreWriting, GoesOnAfterAFileThatCouldNotBeMade) {
  bool failed = true;
  for (std::uint64_t call = 0; failed; ++call) {
    SCOPED_TRACE(call);
    layer.cut_power(PowerCut::keep_all);
    auto writer = open({.title = std::to_string(call)});
    layer.fail_at(layer.operations() + call, ErrorCode::io);
    failed = !writer.append(views(numbered_entries(0, 1)));
    layer.fail_at(0, ErrorCode::io, 0);
    EXPECT_TRUE(writer.append(views(numbered_entries(1, 1))));
    ASSERT_LT(call, 100U);
  }
}

TEST_F(StoreWriting, SyncsByItselfBeforeTooMuchIsInDoubt) {
  auto writer = open();
  const std::string text(100'000, 'x');
  const EntryView entry{"h", 0, LogFormat::text, text};
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(writer.append({&entry, 1}));
  const auto file = writer.open_file();
  ASSERT_TRUE(file);
  EXPECT_LE(file->written.offset - file->durable.offset, kMaxUnsyncedBytes);
}

TEST_F(StoreWriting, ADryRunRemovesNothing) {
  auto writer = open({.partition = {.max_entries = 1}});
  append(writer, 0, 3);
  EXPECT_EQ(writer.retain({.max_bytes = 0}, true)->size(), 2U);
  EXPECT_EQ(all().size(), 3U);
}

// Readers in other processes while a writer runs: each sees a prefix of what is written, in whole entries.
TEST(StoreOfTheSystem, ReadersInOtherProcessesSeeWholeEntriesOnly) {
  test::TempFolder folder;
  auto writer = StoreWriter::open(folder.path(), {.partition = {.max_entries = 3000}});
  ASSERT_TRUE(writer);
  ASSERT_TRUE(writer->append(views(numbered_entries(0, 1))));
  constexpr std::uint64_t kCount = 20'000;
  std::vector<pid_t> children;
  for (int i = 0; i < 2; ++i) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      std::uint64_t seen = 0;
      bool good = true;
      for (FileId file_id = 1; seen < kCount && good; ++file_id) {
        auto reader = FileReader::open(folder / (std::to_string(file_id) + ".towl"));
        while (!reader) reader = FileReader::open(folder / (std::to_string(file_id) + ".towl"));
        for (std::uint64_t in_file = 0; in_file < 3000 && seen < kCount && good;) {
          const auto entry = reader->next();
          if (!entry) good = false;
          if (!entry || !*entry) continue;
          good = **entry == numbered_entry(seen).view();
          ++seen;
          ++in_file;
        }
      }
      _exit(good ? 0 : 1);
    }
    children.push_back(child);
  }
  for (std::uint64_t i = 1; i < kCount; i += 7) {
    ASSERT_TRUE(writer->append(views(numbered_entries(i, std::min<std::uint64_t>(7, kCount - i)))));
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
}

// Other things in the folder with the names of towl files prevent nothing, and are reported.
TEST(StoreOfTheSystem, OddNamesAreReportedAndPassedOver) {
  namespace fs = std::filesystem;
  const test::TempFolder folder;
  const fs::path store = folder / "s";
  {
    auto writer = StoreWriter::open(store, {});
    ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 3))) && writer->close(true));
  }
  std::ofstream(store / "18446744073709551614.towl");
  for (const char* name : {"3.towl", "4.towl.new", "5.towl.seal.new"}) {
    fs::create_directory(store / name);
    std::ofstream(store / name / "inside");
  }
  ASSERT_EQ(::mkfifo((store / "6.towl").c_str(), 0600), 0);
  ASSERT_EQ(::mkfifo((store / "7.towl.new").c_str(), 0600), 0);
  fs::create_symlink("nowhere", store / "8.towl");
  fs::create_symlink("nowhere", store / "9.towl.new");
  auto writer = StoreWriter::open(store, {});
  ASSERT_TRUE(writer) << writer.error().to_string();
  std::vector<std::string> passed_over;
  for (const UnreadableFile& file : writer->passed_over()) passed_over.push_back(file.path.filename());
  std::sort(passed_over.begin(), passed_over.end());
  const std::vector<std::string> expected = {"18446744073709551614.towl", "3.towl", "4.towl.new",
                                             "5.towl.seal.new",           "6.towl", "8.towl"};
  EXPECT_EQ(passed_over, expected);
  const auto ranges = writer->append(views(numbered_entries(3, 3)));
  ASSERT_TRUE(ranges) << ranges.error().to_string();
  EXPECT_EQ(ranges->front().file_id, 10U) << "no name is used again";
  ASSERT_TRUE(writer->close(true));
  EXPECT_EQ(read_all(*Store::open(store)), numbered_entries(0, 6));
}

TEST(StoreOfTheSystem, SaysThatItMayNotWrite) {
  const auto writer = StoreWriter::open("/proc/no-store-here", {});
  ASSERT_FALSE(writer);
  EXPECT_NE(writer.error().to_string().find("/proc/no-store-here"), std::string::npos);
}

}  // namespace
}  // namespace towl

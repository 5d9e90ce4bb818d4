// The power fails at every call that a store makes while it appends, syncs, closes files and retains.
#include <gtest/gtest.h>

#include <optional>

#include "support/stores.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/store.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;
using test::views;

StoreOptions options(MemoryFileLayer& disk, FileFormat format) {
  return {.file_format = format, .partition = {.max_entries = 8}, .layer = &disk, .clock = [] { return Timestamp{0}; }};
}

// Returns how many entries were acknowledged as synced when the power went.
std::uint64_t run_script(MemoryFileLayer& disk, FileFormat format) {
  std::uint64_t synced = 0;
  for (std::uint64_t session = 0; session < 2; ++session) {
    auto writer = StoreWriter::open("/s", options(disk, format));
    if (!writer) return synced;
    for (std::uint64_t i = session * 5; i < session * 5 + 5; ++i) {
      if (!writer->append(views(numbered_entries(i * 4, 4))) || !writer->sync()) return synced;
      synced = (i + 1) * 4;
    }
    if (!writer->close()) return synced;
  }
  return synced;
}

// What retention has removed stays removed: its room may be promised to others.
TEST(PowerCutAfterRetention, BringsNothingBack) {
  MemoryFileLayer disk;
  {
    auto writer = StoreWriter::open("/s", options(disk, FileFormat::v2));
    ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 20))) && writer->sync());
    const auto removed = writer->retain({.max_bytes = 0});
    ASSERT_TRUE(removed);
    ASSERT_EQ(removed->size(), 2U);
    disk.cut_power(PowerCut::keep_synced);
  }
  EXPECT_EQ(Store::open("/s", &disk)->list()->files.size(), 1U);
}

// A sync failed, what it had to save went to another file, and the old file was cut: the cut must not be undone.
TEST(PowerCutAfterAFailedSync, BringsNothingBackTwice) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    SCOPED_TRACE(seed);
    MemoryFileLayer disk;
    {
      auto writer = StoreWriter::open("/s", options(disk, FileFormat::v2));
      ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 3))) && writer->sync());
      ASSERT_TRUE(writer->append(views(numbered_entries(3, 3))));
      disk.fail_at(disk.operations(), ErrorCode::io);
      const auto moves = writer->sync();
      ASSERT_TRUE(moves);
      ASSERT_EQ(moves->size(), 1U);
      disk.cut_power(PowerCut::keep_random, seed);
    }
    auto writer = StoreWriter::open("/s", options(disk, FileFormat::v2));
    ASSERT_TRUE(writer);
    EXPECT_EQ(read_all(writer->reader()), numbered_entries(0, 6));
  }
}

// The same, and another call fails before all of it is in the new file: that is removed, and stays removed.
TEST(PowerCutAfterAFailedSync, BringsNoUnfinishedFileBack) {
  std::uint64_t refused = 0;
  for (std::uint64_t call = 1;; ++call) {
    bool moved = false;
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
      SCOPED_TRACE(testing::Message() << call << " calls after the sync, seed " << seed);
      MemoryFileLayer disk;
      std::optional<std::uint64_t> failed_sync;
      StoreOptions failing = options(disk, FileFormat::v2);
      // Asked for the time when the new file is made.
      failing.clock = [&] {
        if (failed_sync && disk.operations() > *failed_sync) disk.fail_at(*failed_sync + call, ErrorCode::io);
        return Timestamp{0};
      };
      {
        auto writer = StoreWriter::open("/s", failing);
        ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 3))) && writer->sync());
        ASSERT_TRUE(writer->append(views(numbered_entries(3, 3))));
        failed_sync = disk.operations();
        disk.fail_at(*failed_sync, ErrorCode::io);
        moved = writer->sync().has_value();
        disk.cut_power(PowerCut::keep_random, seed);
      }
      auto writer = StoreWriter::open("/s", options(disk, FileFormat::v2));
      ASSERT_TRUE(writer);
      const auto entries = read_all(writer->reader());
      ASSERT_GE(entries.size(), 3U);
      ASSERT_EQ(entries, numbered_entries(0, entries.size())) << "not each once";
    }
    if (moved) break;
    ++refused;
  }
  EXPECT_GT(refused, 5U);
}

class PowerCutOfAStore : public testing::TestWithParam<FileFormat> {};
class FailingCallsOfAStore : public PowerCutOfAStore {};
INSTANTIATE_TEST_SUITE_P(BothFormats, PowerCutOfAStore, testing::Values(FileFormat::v1, FileFormat::v2));
INSTANTIATE_TEST_SUITE_P(BothFormats, FailingCallsOfAStore, testing::Values(FileFormat::v1, FileFormat::v2));

TEST_P(PowerCutOfAStore, LosesNothingThatWasSynced) {
  const FileFormat format = GetParam();
  for (const PowerCut kind : {PowerCut::keep_all, PowerCut::keep_synced, PowerCut::keep_random}) {
    for (std::uint64_t call = 0;; ++call) {
      SCOPED_TRACE(testing::Message() << "call " << call << ", kind " << static_cast<int>(kind));
      MemoryFileLayer disk;
      disk.stop_at(call);
      const std::uint64_t synced = run_script(disk, format);
      const bool finished = disk.operations() <= call;
      disk.cut_power(kind, call);
      auto writer = StoreWriter::open("/s", options(disk, format));
      ASSERT_TRUE(writer) << writer.error().to_string();
      const auto entries = read_all(writer->reader());
      ASSERT_GE(entries.size(), synced);
      for (std::uint64_t i = 0; i < synced; ++i) ASSERT_EQ(entries[i], numbered_entry(i));
      EXPECT_TRUE(writer->append(views(numbered_entries(0, 20))));
      const auto listing = writer->reader().list();
      ASSERT_TRUE(listing);
      for (const auto& file : listing->files) {
        EXPECT_TRUE(verify(file.path, {.layer = &disk})->whole());
      }
      if (finished) break;
    }
  }
}

// A call fails and the machine goes on: what was acknowledged stays, and the store heals.
TEST_P(FailingCallsOfAStore, LoseNothingThatWasAcknowledged) {
  const FileFormat format = GetParam();
  for (std::uint64_t call = 0;; ++call) {
    SCOPED_TRACE(testing::Message() << "call " << call);
    MemoryFileLayer disk;
    disk.fail_at(call, ErrorCode::io);
    std::vector<Entry> acknowledged;
    std::uint64_t number = 0;
    for (int session = 0; session < 3; ++session) {
      auto writer = StoreWriter::open("/s", options(disk, format));
      if (!writer) continue;
      for (int i = 0; i < 5; ++i, number += 4) {
        const auto batch = numbered_entries(number, 4);
        if (!writer->append(views(batch)) || !writer->sync()) continue;
        acknowledged.insert(acknowledged.end(), batch.begin(), batch.end());
      }
    }
    const bool finished = disk.operations() <= call;
    disk.fail_at(0, ErrorCode::io, 0);
    auto stored = read_all(*Store::open("/s", &disk));
    // What was not acknowledged may be there or not; the rest is there once and in order.
    std::erase_if(stored, [&](const Entry& entry) {
      return std::find(acknowledged.begin(), acknowledged.end(), entry) == acknowledged.end();
    });
    ASSERT_EQ(stored, acknowledged);
    ASSERT_GE(acknowledged.size(), 40U) << "the store did not heal";
    if (finished) break;
  }
}

}  // namespace
}  // namespace towl

// The power fails at every call that a writer makes: all, none or some of what was not synced is lost.
#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"

namespace towl {
namespace {

using test::numbered_entries;
using test::numbered_entry;
using test::read_all;
using test::views;

// Appends, syncs and closes; returns how many entries were acknowledged as synced when the power went.
std::uint64_t run_script(MemoryFileLayer& disk, FileFormat format) {
  std::uint64_t synced = 0;
  auto writer = FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = format},
                                   {.layer = &disk, .clock = [] { return 0; }});
  if (!writer) return synced;
  for (std::uint64_t i = 0; i < 6; ++i) {
    if (!writer->append(views(numbered_entries(i * 10, 10)))) return synced;
    if (i % 3 == 2 ? !writer->sync() : !writer->flush()) return synced;
    if (i % 3 == 2) synced = (i + 1) * 10;
  }
  if (writer->close(9)) synced = 60;
  return synced;
}

class PowerCutOfAFile : public testing::TestWithParam<FileFormat> {};
INSTANTIATE_TEST_SUITE_P(BothFormats, PowerCutOfAFile, testing::Values(FileFormat::v1, FileFormat::v2));

TEST_P(PowerCutOfAFile, LosesNothingThatWasSynced) {
  for (const PowerCut kind : {PowerCut::keep_all, PowerCut::keep_synced, PowerCut::keep_random}) {
    for (std::uint64_t call = 0;; ++call) {
      SCOPED_TRACE(testing::Message() << "call " << call << ", kind " << static_cast<int>(kind));
      MemoryFileLayer disk;
      disk.stop_at(call);
      const std::uint64_t synced = run_script(disk, GetParam());
      const bool finished = disk.operations() <= call;
      disk.cut_power(kind, call);
      if (!disk.exists("/1.towl")) {
        ASSERT_EQ(synced, 0U);
        continue;
      }
      auto writer = FileWriter::open("/1.towl", {.layer = &disk});
      ASSERT_TRUE(writer) << writer.error().to_string();
      const auto entries = read_all("/1.towl", &disk);
      EXPECT_GE(entries.size(), synced);
      // Format 1 has no checksums: of what was not synced, a random mix of sectors may decode as something else.
      const std::uint64_t sure =
          kind == PowerCut::keep_random && GetParam() == FileFormat::v1 ? synced : entries.size();
      for (std::uint64_t i = 0; i < sure; ++i) ASSERT_EQ(entries[i], numbered_entry(i));
      ASSERT_TRUE(writer->append(numbered_entry(0)));
      ASSERT_TRUE(writer->close());
      EXPECT_TRUE(verify("/1.towl", {.layer = &disk})->whole());
      if (finished) break;
    }
  }
}

TEST_P(PowerCutOfAFile, LeavesAClosedFileClosed) {
  MemoryFileLayer disk;
  {
    auto writer = FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = GetParam()}, {.layer = &disk});
    ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 10))) && writer->close(9));
  }
  disk.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(FileReader::open("/1.towl", {.layer = &disk})->index().closed, 9);
}

// For a writer that stops appending and leaves the file open.
TEST_P(PowerCutOfAFile, LosesNothingOfOneThatWasSettled) {
  MemoryFileLayer disk;
  auto writer = FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = GetParam()}, {.layer = &disk});
  ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 10))) && writer->settle());
  EXPECT_EQ(writer->durable().ordinal, 10U);
  disk.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(read_all("/1.towl", &disk), numbered_entries(0, 10));
  EXPECT_EQ(FileReader::open("/1.towl", {.layer = &disk})->index().count, 10U);
}

// Recovery says what the file holds now: the cut and the index are safe when it returns.
TEST_P(PowerCutOfAFile, LeavesWhatRecoveryHasSaid) {
  MemoryFileLayer disk;
  {
    auto writer = FileWriter::create("/1.towl", {.file_id = 1, .opened = 5, .format = GetParam()}, {.layer = &disk});
    ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 10))) && writer->sync());
    ASSERT_TRUE(writer->append(views(numbered_entries(10, 10))) && writer->flush());
  }
  disk.set_contents("/1.towl", disk.contents("/1.towl") + "torn");
  const auto report = recover("/1.towl", {.layer = &disk});
  ASSERT_TRUE(report && report->index.count - report->burnt_ordinals == 20U);
  disk.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(FileReader::open("/1.towl", {.layer = &disk})->index(), report->index);
  EXPECT_EQ(disk.contents("/1.towl").size(), report->data_end);
  EXPECT_TRUE(verify("/1.towl", {.layer = &disk})->whole());
}

}  // namespace
}  // namespace towl

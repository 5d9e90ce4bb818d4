#include "towl/memory_file_layer.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace towl {
namespace {

class MemoryLayer : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(layer.create_folder("/d")); }
  std::unique_ptr<File> create(const char* path) { return std::move(*layer.open(path, OpenMode::create)); }
  MemoryFileLayer layer;
};

TEST_F(MemoryLayer, KeepsWhatWasSyncedAndNamed) {
  const auto file = create("/d/a");
  ASSERT_TRUE(file->write_at(0, "synced"));
  ASSERT_TRUE(file->sync());
  ASSERT_TRUE(layer.sync_folder("/d"));
  ASSERT_TRUE(file->write_at(6, " and not"));
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_EQ(layer.contents("/d/a"), "synced");
  EXPECT_FALSE(file->write_at(0, "x")) << "a file that was open is cut off";
}

TEST_F(MemoryLayer, LosesNamesWhoseFolderWasNotSynced) {
  const auto file = create("/d/a");
  ASSERT_TRUE(file->sync());
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_FALSE(layer.exists("/d/a"));
}

TEST_F(MemoryLayer, UndoesARenameThatWasNotSynced) {
  const auto file = create("/d/old");
  ASSERT_TRUE(layer.sync_folder("/d"));
  ASSERT_TRUE(layer.rename("/d/old", "/d/new"));
  layer.cut_power(PowerCut::keep_synced);
  EXPECT_TRUE(layer.exists("/d/old"));
  EXPECT_FALSE(layer.exists("/d/new"));
}

TEST_F(MemoryLayer, KeepsARandomPartTheSameForTheSameSeed) {
  std::string seen[2];
  for (auto& bytes : seen) {
    MemoryFileLayer disk;
    const auto file = std::move(*disk.open("/a", OpenMode::create));
    ASSERT_TRUE(disk.sync_folder("/"));
    ASSERT_TRUE(file->write_at(0, std::string(8192, 'x')));
    disk.cut_power(PowerCut::keep_random, 4);
    bytes = disk.contents("/a");
  }
  EXPECT_EQ(seen[0], seen[1]);
}

TEST_F(MemoryLayer, FailsAtTheOperationItWasTold) {
  const auto file = create("/d/a");
  layer.fail_at(layer.operations() + 1, ErrorCode::no_space);
  EXPECT_TRUE(file->write_at(0, "ab"));
  const auto failed = file->write_at(2, "cdef");
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::no_space);
  EXPECT_EQ(layer.contents("/d/a"), "abcd") << "half of a failing write is there";
  EXPECT_TRUE(file->write_at(2, "cdef"));
}

TEST_F(MemoryLayer, StopsForGoodWhenThePowerGoes) {
  const auto file = create("/d/a");
  layer.stop_at(layer.operations());
  EXPECT_FALSE(file->sync());
  EXPECT_FALSE(file->sync());
  layer.cut_power(PowerCut::keep_all);
  EXPECT_TRUE(layer.open("/d/a", OpenMode::read));
}

// Sectors of a write get to the disk in any order: from the front, or from the back, up to each border between two.
TEST_F(MemoryLayer, TearsTheWriteInFlightAtEverySector) {
  std::vector<std::string> left;
  for (std::uint64_t state = 0; left.empty() || state < left.size(); ++state) {
    MemoryFileLayer disk;
    const auto file = std::move(*disk.open("/a", OpenMode::create));
    ASSERT_TRUE(file->write_at(0, std::string(700, '.')));
    disk.stop_at(disk.operations());
    ASSERT_FALSE(file->write_at(500, std::string(600, 'x')));
    ASSERT_FALSE(file->write_at(0, "not in flight"));
    left.resize(disk.torn_states());
    disk.cut_power(PowerCut::keep_torn, state);
    left.at(state) = disk.contents("/a");
    EXPECT_EQ(disk.torn_states(), 0U);
  }
  const std::string dots(500, '.');
  const auto filled = [&](std::size_t front, std::size_t between, char what, std::size_t back) {
    return dots + std::string(front, 'x') + std::string(between, what) + std::string(back, 'x');
  };
  const std::vector<std::string> expected = {
      filled(0, 200, '.', 0),                                                  // nothing of it: the file as it was
      filled(12, 188, '.', 0),                                                 // up to 512
      filled(524, 0, '.', 0),                                                  // up to 1024
      filled(600, 0, '.', 0),                                                  // all
      filled(0, 12, '.', 588),                                                 // from 512 on
      filled(0, 200, '.', 0) + std::string(324, '\0') + std::string(76, 'x'),  // from 1024 on: a hole of zeros
  };
  EXPECT_EQ(left, expected);
}

TEST_F(MemoryLayer, HasNothingInFlightWhereThePowerGoesElsewhere) {
  const auto file = create("/d/a");
  ASSERT_TRUE(file->write_at(0, "there"));
  layer.stop_at(layer.operations());
  EXPECT_FALSE(file->sync());
  EXPECT_EQ(layer.torn_states(), 0U);
  layer.cut_power(PowerCut::keep_torn);
  EXPECT_EQ(layer.contents("/d/a"), "there");
}

TEST_F(MemoryLayer, GivesALockOnce) {
  auto lock = layer.lock("/d/lock");
  ASSERT_TRUE(lock);
  EXPECT_EQ(layer.lock("/d/lock").error().code, ErrorCode::locked);
  lock->reset();
  EXPECT_TRUE(layer.lock("/d/lock"));
}

TEST_F(MemoryLayer, IsFullAtItsCapacity) {
  const auto file = create("/d/a");
  layer.set_capacity(10);
  EXPECT_TRUE(file->write_at(0, "0123456789"));
  EXPECT_EQ(file->write_at(10, "x").error().code, ErrorCode::no_space);
  EXPECT_EQ(file->reserve(10, 1).error().code, ErrorCode::no_space);
  EXPECT_TRUE(file->write_at(0, "again"));
}

}  // namespace
}  // namespace towl

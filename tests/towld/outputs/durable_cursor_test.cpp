// In every case a cursor is the old one or the new one; a damaged one is never taken for a position.
#include "outputs/durable_cursor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "ingest/back_off.hpp"
#include "towl/memory_file_layer.hpp"

namespace towld {
namespace {

using towl::ErrorCode;
using towl::MemoryFileLayer;

Cursor cursor(std::uint64_t ordinal) {
  Cursor cursor{.file_id = 3, .ordinal = ordinal, .committed = "2049:131:1048576"};
  for (std::size_t i = 0; i < cursor.uuid.size(); ++i) cursor.uuid[i] = static_cast<std::uint8_t>(17 * i);
  return cursor;
}

TEST(DurableCursor, IsReadBackAsItWasSaved) {
  MemoryFileLayer disk;
  DurableCursor file("/store/outputs", "all", disk);
  EXPECT_EQ(file.load().value(), std::optional<Cursor>());
  for (const Cursor& one : {cursor(0), cursor(47'000), Cursor{}, Cursor{.file_id = ~0ULL, .ordinal = ~0ULL}}) {
    ASSERT_TRUE(file.save(one));
    EXPECT_EQ(file.load().value(), std::optional<Cursor>(one));
  }
}

TEST(DurableCursor, ANameIsNoPath) {
  MemoryFileLayer disk;
  std::set<std::string> paths;
  for (const std::string name : {"../x", "/etc/passwd", "a b", "", ".", "\xff", "a", "A", "a%20b"}) {
    const DurableCursor file("/store/outputs", name, disk);
    EXPECT_EQ(file.path().parent_path(), "/store/outputs") << name;
    EXPECT_TRUE(paths.insert(file.path().string()).second) << name;
  }
  const DurableCursor one("/f", std::string(1000, 'x') + "1", disk);
  const DurableCursor other("/f", std::string(1000, 'x') + "2", disk);
  EXPECT_LT(one.path().filename().string().size(), 250u);
  EXPECT_NE(one.path(), other.path());
}

TEST(DurableCursor, EveryTruncationIsDamage) {
  const std::string whole = format_cursor(cursor(5));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto parsed = parse_cursor(whole.substr(0, size));
    ASSERT_FALSE(parsed) << size;
    EXPECT_EQ(parsed.error().code, ErrorCode::corrupt);
  }
  EXPECT_FALSE(parse_cursor(whole + "x"));
}

TEST(DurableCursor, EveryFlippedBitIsDamage) {
  const std::string whole = format_cursor(cursor(5));
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_FALSE(parse_cursor(flipped)) << "bit " << bit;
  }
}

TEST(DurableCursor, DamageNamesTheFile) {
  MemoryFileLayer disk;
  DurableCursor file("/store/outputs", "all", disk);
  ASSERT_TRUE(file.save(cursor(5)));
  disk.set_contents(file.path(), std::string(10'000, 'x'));
  ASSERT_FALSE(file.load());
  EXPECT_EQ(file.load().error().code, ErrorCode::corrupt);
  EXPECT_THAT(file.load().error().to_string(), testing::HasSubstr("/store/outputs/all.cursor"));
}

// Wherever the power goes while a cursor is replaced.
TEST(DurableCursor, APowerCutLeavesTheOldOrTheNewOne) {
  for (const auto kind : {towl::PowerCut::keep_all, towl::PowerCut::keep_synced, towl::PowerCut::keep_random}) {
    bool saved = false;
    for (std::uint64_t at = 0; !saved; ++at) {
      MemoryFileLayer disk;
      DurableCursor file("/store/outputs", "all", disk);
      ASSERT_TRUE(file.save(cursor(1)));
      disk.stop_at(disk.operations() + at);
      saved = file.save(cursor(2)).has_value();
      disk.cut_power(kind, at);
      const auto found = file.load();
      ASSERT_TRUE(found && *found) << "operation " << at;
      EXPECT_TRUE(**found == cursor(2) || (!saved && **found == cursor(1))) << "operation " << at;
      // And it can be replaced again.
      ASSERT_TRUE(file.save(cursor(3)));
      EXPECT_EQ(file.load().value(), std::optional<Cursor>(cursor(3)));
    }
  }
}

TEST(DurableCursor, ADiskThatFailsIsToldAndLeavesTheOldOrTheNewOne) {
  bool saved = false;
  for (std::uint64_t at = 0; !saved; ++at) {
    MemoryFileLayer disk;
    DurableCursor file("/store/outputs", "all", disk);
    ASSERT_TRUE(file.save(cursor(1)));
    disk.fail_at(disk.operations() + at, ErrorCode::no_space);
    saved = file.save(cursor(2)).has_value();
    disk.fail_at(~std::uint64_t{0}, ErrorCode::no_space);  // no more
    const auto found = file.load();
    ASSERT_TRUE(found && *found) << "operation " << at;
    EXPECT_TRUE(**found == cursor(2) || (!saved && **found == cursor(1))) << "operation " << at;
  }
}

TEST(BackOff, PausesGrowUpToTheLongestAndAreShortAgainAfterProgress) {
  using std::chrono::milliseconds;
  BackOff back_off(milliseconds(100), milliseconds(1000), 1);
  for (const int longest : {100, 200, 400, 800, 1000, 1000, 1000}) {
    const auto pause = back_off.next();
    EXPECT_GE(pause, milliseconds(longest / 2));
    EXPECT_LE(pause, milliseconds(longest));
  }
  back_off.progressed();
  EXPECT_LE(back_off.next(), milliseconds(100));
}

// Those that failed together must not come back together.
TEST(BackOff, IsPartlyByChance) {
  std::set<std::int64_t> pauses;
  for (std::uint32_t seed = 1; seed <= 20; ++seed) {
    pauses.insert(BackOff(std::chrono::seconds(10), std::chrono::seconds(10), seed).next().count());
  }
  EXPECT_GT(pauses.size(), 10u);
}

}  // namespace
}  // namespace towld

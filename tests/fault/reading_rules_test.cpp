// What a reader gives of a file, and what recovery and a writer that goes on make of it: each row of the specification's
// decision table, and ends that were torn, lost, or left by a write that failed.
#include <gtest/gtest.h>

#include <functional>

#include "fault/small_files.hpp"
#include "v2/layout.hpp"
#include "v2/pages.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

// The rules of spec/format-v2.md, "Reading", a row each: what a reader gives, whether it reports damage, and whether
// recovery cuts anything off.
struct Row {
  const char* what;
  std::function<void(std::string&, const SmallFile&)> damage;
  std::vector<std::size_t> frames_read;
  bool is_damage;
  bool is_cut;
};
void PrintTo(const Row& row, std::ostream* to) { *to << row.what; }

class Rules : public testing::TestWithParam<Row> {};
const SmallFile& open_commits() {
  static const SmallFile file = file_of_commits(State::open);
  return file;
}
// Frames 0 to 9; 0 and 1 are counted by the slot, a later frame vouches for those up to 7, nothing for 8 and 9.
INSTANTIATE_TEST_SUITE_P(
    DecisionTable, Rules,
    testing::Values(Row{"NothingThereIsTheEnd",
                        [](std::string&, const SmallFile&) {},
                        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                        false,
                        false},
                    Row{"BytesBeforeAFrameWithTheNextOrdinalAreDamageWithoutALoss",
                        [](std::string& bytes, const SmallFile& file) {
                          bytes.insert(file.data_frames()[9].begin, 64, 'x');
                        },
                        {0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                        true,
                        false},
                    Row{"AMissingFrameThatALaterOneVouchesForIsDamage",
                        [](std::string& bytes, const SmallFile& file) { zero(bytes, file.data_frames()[7]); },
                        {0, 1, 2, 3, 4, 5, 6, 8, 9},
                        true,
                        false},
                    Row{"AMissingFrameThatNothingVouchesForIsATornTail",
                        [](std::string& bytes, const SmallFile& file) { zero(bytes, file.data_frames()[8]); },
                        {0, 1, 2, 3, 4, 5, 6, 7},
                        false,
                        true},
                    Row{"MissingFramesThatASlotCountsAreDamage",
                        [](std::string& bytes, const SmallFile& file) { bytes.resize(file.data_frames()[1].begin); },
                        {0},
                        true,
                        false},
                    Row{"MissingFramesThatTheHeaderOfABrokenOneVouchesForAreDamage",
                        [](std::string& bytes, const SmallFile& file) {
                          zero(bytes, file.data_frames()[7]);
                          for (std::size_t i = 8; i < 10; ++i)
                            bytes[file.data_frames()[i].begin + v2::kFrameHeaderBytes] ^= 1;
                        },
                        {0, 1, 2, 3, 4, 5, 6},
                        true,
                        true},
                    Row{"HalfAFrameIsATornTail",
                        [](std::string& bytes, const SmallFile&) { bytes.resize(bytes.size() - 30); },
                        {0, 1, 2, 3, 4, 5, 6, 7, 8},
                        false,
                        true}),
    [](const auto& row) { return row.param.what; });

TEST_P(Rules, Hold) {
  const SmallFile& file = open_commits();
  const Row& row = GetParam();
  MemoryFileLayer disk;
  std::string bytes = file.bytes;
  row.damage(bytes, file);
  const Reading reading = read_damaged(disk, bytes, file.entries);
  std::vector<Ordinal> expected;
  for (const std::size_t frame : row.frames_read) {
    const v2::FrameHeader header = file.data_frames().at(frame).header;
    for (Ordinal i = header.first; i < header.end(); ++i) expected.push_back(i);
  }
  EXPECT_EQ(reading.ordinals, expected);
  EXPECT_EQ(!reading.errors.empty(), row.is_damage);
  const auto recovered = recover(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->torn_bytes > 0, row.is_cut) << recovered->torn_bytes;
  EXPECT_EQ(read_damaged(disk, file.entries).ordinals, expected);
  // Again: nothing is left to do.
  const auto again = recover(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(again);
  EXPECT_EQ(again->torn_bytes, 0U);
  EXPECT_EQ(again->index.count, recovered->index.count);
}

// A recovery that is interrupted after the cut still burns the ordinals of the tail.
TEST(TornTail, OrdinalsAreBurntWheneverRecoveryIsInterrupted) {
  const SmallFile file = file_of_commits(State::open);
  const std::string bytes = file.bytes.substr(0, file.bytes.size() - 30);
  for (std::uint64_t call = 0;; ++call) {
    SCOPED_TRACE(call);
    MemoryFileLayer disk;
    disk.set_contents(kDamagedPath, bytes);
    disk.stop_at(disk.operations() + call);
    const bool finished = recover(kDamagedPath, {.layer = &disk}).has_value();
    disk.cut_power(call % 2 == 0 ? PowerCut::keep_synced : PowerCut::keep_random, call);
    const auto recovered = recover(kDamagedPath, {.layer = &disk});
    ASSERT_TRUE(recovered) << recovered.error().to_string();
    ASSERT_GE(recovered->index.count, file.entries.size());
    ASSERT_EQ(read_damaged(disk, file.entries).ordinals.size(), file.entries.size() - kEntriesACommit / 2);
    ASSERT_TRUE(is_whole(disk)) << findings(disk);
    if (finished) break;
  }
}

// A block that a disk cannot read today may be read tomorrow. What was written after it names it all the same.
TEST(LostEnd, IsWholeIfItsBytesComeBackAfterAWriterWentOn) {
  const SmallFile file = file_of_commits(State::idle);
  const StoredFrame last = file.data_frames().back();
  MemoryFileLayer disk;
  std::string bytes = file.bytes;
  zero(bytes, last);
  disk.set_contents(kDamagedPath, bytes);
  expect_takes_entries(disk, file.entries);
  EXPECT_FALSE(is_whole(disk));
  bytes = disk.contents(kDamagedPath);
  disk.set_contents(kDamagedPath, bytes.replace(last.begin, last.end - last.begin, file.frame(last)));
  EXPECT_TRUE(is_whole(disk)) << findings(disk);
}

// What a failed write left is undone; its frames are of a life that is over.
TEST(FailedWrite, BeginsANewLife) {
  MemoryFileLayer disk;
  auto writer = FileWriter::create(kDamagedPath, {.file_id = 1, .opened = 5, .uuid = small_uuid(1)}, {.layer = &disk});
  ASSERT_TRUE(writer && writer->append(views(numbered_entries(0, 3))) && writer->sync());
  ASSERT_TRUE(writer->append(views(numbered_entries(3, 3))));
  // The write comes after the reservation of room.
  disk.fail_at(disk.operations(), ErrorCode::no_space);
  while (writer->flush()) {
    ASSERT_TRUE(writer->append(views(numbered_entries(100, 3))));
    disk.fail_at(disk.operations(), ErrorCode::no_space);
  }
  writer->discard();
  const auto ordinal = writer->append(views(numbered_entries(6, 3)));
  ASSERT_TRUE(ordinal && writer->close());
  EXPECT_TRUE(is_whole(disk)) << findings(disk);
  const auto frames = frames_of(disk.contents(kDamagedPath), v2::file_tag(small_uuid(1)));
  std::uint32_t life = 0;
  for (const StoredFrame& frame : frames) {
    EXPECT_GE(frame.header.life.number, life);
    life = frame.header.life.number;
  }
}

// A disk may lose a cut and what was written there since, and then the entries of the failed write are whole. Others were
// read at their ordinals: the slot with the new life, safe before its first frame is written, says so.
TEST(FailedWrite, IsNotReadIfItComesToLightAfterAPowerCut) {
  for (const bool synced : {true, false}) {
    SCOPED_TRACE(synced ? "after a sync" : "after entries that were not synced");
    const auto begin = [&](MemoryFileLayer& disk) {
      auto writer =
          FileWriter::create(kDamagedPath, {.file_id = 1, .opened = 5, .uuid = small_uuid(1)}, {.layer = &disk});
      EXPECT_TRUE(writer && writer->append(views(numbered_entries(0, 3))) && writer->flush());
      EXPECT_TRUE(!synced || writer->sync());
      EXPECT_TRUE(writer->append(views(numbered_entries(100, 3))));
      return std::move(*writer);
    };
    MemoryFileLayer other;
    auto unfailed = begin(other);
    const std::uint64_t at = unfailed.written().offset;
    ASSERT_TRUE(unfailed.flush());
    const std::string failed = other.contents(kDamagedPath).substr(at);

    MemoryFileLayer disk;
    auto writer = begin(disk);
    disk.fail_at(disk.operations(), ErrorCode::io);
    ASSERT_FALSE(writer.flush());
    writer.discard();
    ASSERT_TRUE(writer.append(views(numbered_entries(3, 3))) && writer.flush());
    const auto truth = numbered_entries(0, 6);
    ASSERT_EQ(read_damaged(disk, truth).ordinals.size(), 6U);
    ASSERT_TRUE(is_whole(disk)) << findings(disk);
    disk.cut_power(PowerCut::keep_synced);
    const Reading reading = read_damaged(disk, disk.contents(kDamagedPath).substr(0, at) + failed, truth);
    EXPECT_EQ(reading.ordinals, (std::vector<Ordinal>{0, 1, 2}));
    expect_takes_entries(disk, truth);
  }
}

// The repeated header page at the end of a closed file says that all before it was durable, as its slot does.
TEST(ClosedFile, ReportsItsLastEntriesAsLostThoughItsNewestSlotIsDamagedToo) {
  MemoryFileLayer disk;
  const auto entries = numbered_entries(0, 120);
  {
    auto writer =
        FileWriter::create(kDamagedPath, {.file_id = 1, .opened = 5, .uuid = small_uuid(1)}, {.layer = &disk});
    for (std::uint64_t i = 0; i < entries.size(); i += 10) {
      ASSERT_TRUE(writer && writer->append(views(numbered_entries(i, 10))) && writer->flush());
    }
    ASSERT_TRUE(writer->close(9));
  }
  std::string bytes = disk.contents(kDamagedPath);
  const auto frames = frames_of(bytes, v2::file_tag(small_uuid(1)));
  ASSERT_EQ(frames.back().header.kind, v2::FrameKind::header) << "it is too small";
  bytes[v2::slot_offset(2) + 20] ^= 4;
  zero(bytes, frames[frames.size() - 2]);
  const Reading reading = read_damaged(disk, bytes, entries);
  EXPECT_EQ(reading.ordinals.size(), entries.size() - 10);
  EXPECT_FALSE(reading.errors.empty());
  const auto recovered = recover(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(recovered);
  EXPECT_FALSE(recovered->damage.empty());
  EXPECT_EQ(recovered->torn_bytes, 0U);
}

}  // namespace
}  // namespace towl::test

// A file that ends anywhere, or whose end is zeros, ones or old bytes: what is read is what was written, a writer opens
// it, and what an index slot promised is there or reported.
#include <gtest/gtest.h>

#include "fault/small_files.hpp"
#include "v2/layout.hpp"
#include "v2/pages.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

// What the index slots of these bytes promise.
Ordinal promised(const SmallFile& file, std::string_view bytes) {
  Ordinal count = 0;
  for (std::size_t i = 0; i < v2::kSlots; ++i) {
    const std::size_t at = v2::kIndexOffset + i * v2::kSlotBytes;
    if (bytes.size() < at + v2::kSlotBytes) continue;
    const auto slot = v2::decode_slot(bytes.substr(at, v2::kSlotBytes), file.tag);
    // One in the other's place is a copy.
    if (slot && v2::slot_offset(slot->sequence) == at) count = std::max(count, slot->index.count);
  }
  return count;
}

// The entries of the frames that are stored whole in both, from the first one on.
std::vector<Ordinal> common_entries(const SmallFile& file, std::string_view bytes) {
  std::vector<Ordinal> common;
  for (const StoredFrame& frame : file.data_frames()) {
    if (bytes.substr(0, frame.end).size() < frame.end ||
        bytes.substr(0, frame.end) != file.bytes.substr(0, frame.end)) {
      break;
    }
    for (Ordinal i = frame.header.first; i < frame.header.end(); ++i) common.push_back(i);
  }
  return common;
}

bool reports_loss_below(const Reading& reading, Ordinal count) {
  return std::any_of(reading.errors.begin(), reading.errors.end(),
                     [&](const Error& error) { return !reading.opened || error.ordinal < count; });
}

bool has_all(const Reading& reading, const std::vector<Ordinal>& wanted) {
  return std::includes(reading.ordinals.begin(), reading.ordinals.end(), wanted.begin(), wanted.end());
}

// Everything that must hold of damaged bytes.
void check(const SmallFile& file, const std::string& bytes) {
  MemoryFileLayer disk;
  const Reading reading = read_damaged(disk, bytes, file.entries);
  const std::vector<Ordinal> whole = common_entries(file, bytes);
  const Ordinal kept = promised(file, bytes);
  ASSERT_TRUE(!reading.opened || has_all(reading, whole))
      << "of " << whole.size() << " whole entries are read " << testing::PrintToString(reading.ordinals);
  // Gaps take the ordinals of a tail that was cut off.
  std::uint64_t stored = 0;
  for (const StoredFrame& frame : file.data_frames()) stored += frame.header.count;
  const bool all = reading.ordinals.size() >= std::min<std::uint64_t>(kept, stored);
  ASSERT_TRUE(all || reports_loss_below(reading, kept))
      << "of " << kept << " promised entries are read " << testing::PrintToString(reading.ordinals);
  ASSERT_TRUE(all || !is_whole(disk)) << "verify says it is whole";
  if (!reading.opened) {
    EXPECT_FALSE(FileWriter::open(kDamagedPath, {.layer = &disk}));
    EXPECT_TRUE(disk.contents(kDamagedPath) == bytes) << "a file that is not understood is altered";
    return;
  }
  const auto index = FileReader::open(kDamagedPath, {.layer = &disk})->index();
  const auto recovered = recover(kDamagedPath, {.layer = &disk});
  if (!recovered) {
    // Neither header nor, in a sealed file, index: it takes no entries as it is, but can be repaired.
    ASSERT_EQ(recovered.error().code, ErrorCode::corrupt) << recovered.error().to_string();
    EXPECT_FALSE(FileWriter::open(kDamagedPath, {.layer = &disk}));
    EXPECT_TRUE(disk.contents(kDamagedPath) == bytes) << "a file that is not understood is altered";
    const auto repaired = repair(kDamagedPath, {.layer = &disk});
    ASSERT_TRUE(repaired) << repaired.error().to_string();
    EXPECT_TRUE(is_whole(disk)) << findings(disk);
    EXPECT_EQ(read_damaged(disk, file.entries).ordinals, reading.ordinals) << "repair loses or invents entries";
    return;
  }
  const Reading after = read_damaged(disk, file.entries);
  // A frame that lacked only padding may be there now. If recovery begins another life, frames of the life before the
  // last cannot be told from those of this one; their entries are those that had these ordinals.
  EXPECT_TRUE(
      std::includes(after.ordinals.begin(), after.ordinals.end(), reading.ordinals.begin(), reading.ordinals.end()))
      << "recovery loses entries: " << testing::PrintToString(after.ordinals);
  ASSERT_TRUE(after.ordinals.size() >= std::min<std::uint64_t>(kept, stored) || reports_loss_below(after, kept))
      << "recovery hides that promised entries are lost";
  const std::string recovered_bytes = disk.contents(kDamagedPath);
  if (!index.sealed) expect_takes_entries(disk, file.entries);
  disk.set_contents(kDamagedPath, recovered_bytes);
  const auto repaired = repair(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(repaired) << repaired.error().to_string();
  EXPECT_TRUE(is_whole(disk)) << findings(disk);
  EXPECT_EQ(read_damaged(disk, file.entries).ordinals, after.ordinals) << "repair loses or invents entries";
}

class EveryByte : public testing::TestWithParam<MadeFile> {
 protected:
  const SmallFile file = GetParam().make();

  // `damaged(place)` for each place; in the pages and what repeats them every 8th is enough by default.
  template <class Damaged>
  void each_place(Damaged damaged, std::size_t step = 1) {
    for (std::size_t place = 0; place <= file.bytes.size();) {
      SCOPED_TRACE(testing::Message() << "place " << place << " of " << file.bytes.size());
      check(file, damaged(place));
      if (HasFailure()) return;
      place += fault_rounds() > 1 ? 1 : place < v2::kDataOffset ? 8 : step;
    }
  }
  // The file with another file's bytes from `place` on.
  std::string tail_of(const std::string& other, std::size_t place) const {
    return file.bytes.substr(0, place) + (place < other.size() ? other.substr(place) : std::string());
  }
};
INSTANTIATE_TEST_SUITE_P(Files, EveryByte,
                         testing::Values(MadeFile{"Open", [] { return open_file(); }}, MadeFile{"Closed", closed_file},
                                         MadeFile{"Sealed", sealed_file},
                                         MadeFile{"SealedOfFrames", sealed_file_of_frames}),
                         [](const auto& made) { return made.param.name; });

TEST_P(EveryByte, MayBeTheLast) {
  each_place([&](std::size_t place) { return file.bytes.substr(0, place); });
}

TEST_P(EveryByte, MayBeFollowedByZeros) {
  each_place([&](std::size_t place) { return tail_of(std::string(file.bytes.size(), '\0'), place); });
}

TEST_P(EveryByte, MayBeFollowedByOnes) {
  each_place([&](std::size_t place) { return tail_of(std::string(file.bytes.size(), '\xFF'), place); });
}

// Blocks of the file itself, in a wrong place: a shift that keeps frames aligned, and one that does not.
TEST_P(EveryByte, MayBeFollowedByBytesFromElsewhereInTheFile) {
  for (const std::size_t shift : {std::size_t{8}, std::size_t{512}, file.frames.at(1).header.bytes(), std::size_t{3}}) {
    const std::string shifted = file.bytes.substr(shift) + file.bytes.substr(0, shift);
    const std::string back = file.bytes.substr(file.bytes.size() - shift) + file.bytes;
    SCOPED_TRACE(testing::Message() << "shifted by " << shift);
    // Steps of 7 meet every place of a field in turn.
    each_place([&](std::size_t place) { return tail_of(shifted, place); }, 7);
    if (!HasFailure()) {
      each_place([&](std::size_t place) { return tail_of(back.substr(0, file.bytes.size()), place); }, 7);
    }
    if (HasFailure()) return;
  }
}

// From some place on the disk has the bytes of the file's first life.
class StaleTail : public testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(TornInFrame, StaleTail, testing::Range<std::size_t>(0, 8));

TEST_P(StaleTail, OfAnEarlierLifeIsNeverRead) {
  const TwoLives lives(GetParam());
  const std::string& bytes = lives.second.bytes;
  for (std::size_t place = v2::kDataOffset; place <= bytes.size(); ++place) {
    SCOPED_TRACE(testing::Message() << "stale from " << place);
    std::string stale = bytes.substr(0, place);
    if (place < lives.first.bytes.size()) stale += lives.first.bytes.substr(place);
    check(lives.second, stale);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace towl::test

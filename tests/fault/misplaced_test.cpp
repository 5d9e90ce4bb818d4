// Whole frames and pages in a wrong place: duplicated, swapped, removed, from another file, from an earlier life of the
// same file. Each is valid by itself. None is served as entries, and verify() reports it.
#include <gtest/gtest.h>

#include "fault/small_files.hpp"
#include "v2/layout.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

class Misplaced : public testing::TestWithParam<MadeFile> {
 protected:
  // Only true entries are read, and verify() reports a problem; repair leaves what can be read and nothing else.
  void check(const std::string& bytes) {
    if (bytes == file.bytes) return;
    const Reading reading = read_damaged(disk, bytes, file.entries);
    ASSERT_FALSE(is_whole(disk)) << "verify does not see it";
    ASSERT_TRUE(reading.ordinals.size() >= file.durable || !reading.errors.empty()) << "lost without an error";
    const auto repaired = repair(kDamagedPath, {.layer = &disk});
    if (!reading.opened) {
      ASSERT_FALSE(repaired);
      return;
    }
    ASSERT_TRUE(repaired) << repaired.error().to_string();
    const Reading after = read_damaged(disk, file.entries);
    ASSERT_TRUE(after.errors.empty()) << after.errors.front().to_string();
    ASSERT_TRUE(is_whole(disk)) << findings(disk);
    for (const char* saved : {"/d/1.towl.damaged", "/d/1.towl.torn"}) (void)disk.remove(saved);
  }

  // The file with `with` in the place of [begin, end).
  std::string replaced(std::uint64_t begin, std::uint64_t end, std::string_view with) const {
    return file.bytes.substr(0, begin) + std::string(with) + file.bytes.substr(end);
  }
  // Over what is there, and the file not shorter.
  std::string overwritten(std::uint64_t at, std::string_view with) const {
    std::string bytes = file.bytes;
    return bytes.replace(at, std::min<std::size_t>(with.size(), bytes.size() - at), with);
  }

  const SmallFile file = GetParam().make();
  MemoryFileLayer disk;
};
INSTANTIATE_TEST_SUITE_P(Files, Misplaced,
                         testing::Values(MadeFile{"Open", [] { return open_file(); }}, MadeFile{"Closed", closed_file},
                                         MadeFile{"Sealed", sealed_file},
                                         MadeFile{"SealedOfFrames", sealed_file_of_frames}),
                         [](const auto& made) { return made.param.name; });

TEST_P(Misplaced, CopiesOfFramesAreNoEntries) {
  for (const StoredFrame& from : file.frames) {
    for (const StoredFrame& to : file.frames) {
      SCOPED_TRACE(testing::Message() << "the frame at " << from.begin << " at " << to.begin);
      check(replaced(to.begin, to.begin, file.frame(from)));
      check(replaced(to.begin, to.end, file.frame(from)));
      check(overwritten(to.begin, file.frame(from)));
      check(replaced(to.end, to.end, file.frame(from)));
      if (HasFailure()) return;
    }
  }
}

TEST_P(Misplaced, SwappedFramesAreNoEntries) {
  for (std::size_t i = 0; i < file.frames.size(); ++i) {
    for (std::size_t j = i + 1; j < file.frames.size(); ++j) {
      const StoredFrame& a = file.frames[i];
      const StoredFrame& b = file.frames[j];
      SCOPED_TRACE(testing::Message() << "the frames at " << a.begin << " and " << b.begin);
      check(file.bytes.substr(0, a.begin) + std::string(file.frame(b)) + file.bytes.substr(a.end, b.begin - a.end) +
            std::string(file.frame(a)) + file.bytes.substr(b.end));
      if (HasFailure()) return;
    }
  }
}

TEST_P(Misplaced, RemovedFramesAreMissed) {
  for (std::size_t i = 0; i < file.frames.size(); ++i) {
    for (std::size_t j = i; j < file.frames.size(); ++j) {
      // The end of an open file may go: nobody knew that it was there.
      const bool unknown = file.frames[i].header.first >= file.durable && j + 1 == file.frames.size() &&
                           file.frames[i].header.kind == v2::FrameKind::data;
      if (unknown) continue;
      SCOPED_TRACE(testing::Message() << "frames " << i << " to " << j);
      check(replaced(file.frames[i].begin, file.frames[j].end, {}));
      if (HasFailure()) return;
    }
  }
}

TEST_P(Misplaced, AnotherFilesBlocksAreNoEntries) {
  // The same header values, another UUID; other entries, in frames of the same size and of others.
  for (const std::uint64_t first_number : {0U, 24U, 1000U}) {
    const SmallFile other = open_file(2, first_number);
    for (const StoredFrame& from : other.frames) {
      for (const StoredFrame& to : file.frames) {
        SCOPED_TRACE(testing::Message() << "the frame at " << from.begin << " of another file at " << to.begin);
        check(replaced(to.begin, to.begin, other.frame(from)));
        check(replaced(to.begin, to.end, other.frame(from)));
        check(overwritten(to.begin, other.frame(from)));
        if (HasFailure()) return;
      }
    }
    for (std::size_t sector = 0; sector < file.bytes.size(); sector += 512) {
      SCOPED_TRACE(testing::Message() << "another file's sector at " << sector);
      check(overwritten(sector, std::string_view(other.bytes).substr(std::min(sector, other.bytes.size()), 512)));
      // With its whole header page it is the other file.
      if (sector < v2::kPageBytes) continue;
      check(overwritten(sector, std::string_view(other.bytes).substr(std::min(sector, other.bytes.size()), 4096)));
      if (HasFailure()) return;
    }
  }
}

// A frame of the first life in any place, its own included; but the torn one, which no disk can give back whole.
TEST(Stale, FramesOfAnEarlierLifeAreNoEntries) {
  for (std::size_t torn = 0; torn < 8; ++torn) {
    const TwoLives lives(torn);
    const auto stale = lives.first.data_frames();
    for (std::size_t i = torn + 1; i < stale.size(); ++i) {
      const std::string_view frame = lives.first.frame(stale[i]);
      std::vector<std::uint64_t> places = {stale[i].begin};
      for (const StoredFrame& there : lives.second.frames) places.insert(places.end(), {there.begin, there.end});
      for (const std::uint64_t place : places) {
        SCOPED_TRACE(testing::Message() << "torn in frame " << torn << ", stale frame " << i << " at " << place);
        std::string bytes = lives.second.bytes;
        if (bytes.size() < place + frame.size()) bytes.resize(place + frame.size());
        bytes.replace(place, frame.size(), frame);
        MemoryFileLayer disk;
        (void)read_damaged(disk, bytes, lives.second.entries);
        EXPECT_FALSE(is_whole(disk));
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

// The same, after a frame that is lost: nothing that it could name is there.
TEST(Stale, FramesAfterALostOneAreNoEntries) {
  for (std::size_t torn = 0; torn < 7; ++torn) {
    const TwoLives lives(torn);
    const auto frames = lives.second.data_frames();
    const auto stale = lives.first.data_frames();
    for (std::size_t i = torn + 1; i < frames.size(); ++i) {
      for (const std::size_t damaged_at : {std::size_t{0}, v2::kFrameHeaderBytes}) {
        SCOPED_TRACE(testing::Message() << "torn in " << torn << ", frame " << i << ", damaged before it at "
                                        << damaged_at);
        std::string bytes = lives.second.bytes;
        char& damaged = bytes[frames[i - 1].begin + damaged_at];
        damaged = static_cast<char>(~damaged);
        bytes = bytes.substr(0, frames[i].begin) + std::string(lives.first.frame(stale.back())) +
                bytes.substr(frames[i].end);
        MemoryFileLayer disk;
        (void)read_damaged(disk, bytes, lives.second.entries);
        EXPECT_FALSE(is_whole(disk));
        if (testing::Test::HasFailure()) return;
      }
    }
  }
}

TEST(Stale, DamageIsCalledWhatItIs) {
  const SmallFile file = open_file();
  const auto frames = file.data_frames();
  MemoryFileLayer disk;
  std::string zeros = file.bytes;
  zero(zeros, frames[2]);
  const Reading of_zeros = read_damaged(disk, zeros, file.entries);
  ASSERT_EQ(of_zeros.errors.size(), 1U);
  EXPECT_EQ(of_zeros.errors[0].message, "bytes that are no frame of this file; entries 6 to 8 are lost");
  const std::string without = file.bytes.substr(0, frames[2].begin) + file.bytes.substr(frames[2].end);
  const Reading of_removed = read_damaged(disk, without, file.entries);
  ASSERT_FALSE(of_removed.errors.empty());
  EXPECT_EQ(of_removed.errors[0].message, "a frame that belongs elsewhere; entries 6 to 8 are lost");
}

// The cut did not reach the disk: after the second life's end are the first one's frames.
TEST(Stale, FramesBehindTheEndAreATornTail) {
  for (std::size_t torn = 0; torn < 8; ++torn) {
    SCOPED_TRACE(torn);
    const TwoLives lives(torn);
    std::string bytes = lives.second.bytes;
    if (bytes.size() < lives.first.bytes.size()) bytes += lives.first.bytes.substr(bytes.size());
    const auto stale = lives.first.data_frames();
    for (std::size_t i = torn; i < stale.size(); ++i) bytes += lives.first.frame(stale[i]);
    MemoryFileLayer disk;
    const Reading reading = read_damaged(disk, bytes, lives.second.entries);
    EXPECT_EQ(reading.ordinals.size(), lives.readable);
    EXPECT_TRUE(reading.errors.empty());
    EXPECT_FALSE(is_whole(disk));
    ASSERT_TRUE(recover(kDamagedPath, {.layer = &disk}));
    EXPECT_TRUE(is_whole(disk)) << findings(disk);
    EXPECT_EQ(read_damaged(disk, lives.second.entries).ordinals.size(), lives.readable);
  }
}

}  // namespace
}  // namespace towl::test

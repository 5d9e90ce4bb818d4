// Every single bit of small files is flipped, no matter what it belongs to. No wrong entry is ever served, verify()
// reports each flip, and one flip costs at most the entries of one frame. In a tail that was never durable it costs
// what follows too: a flip there cannot be told from a torn write.
#include <gtest/gtest.h>

#include "fault/small_files.hpp"
#include "v2/layout.hpp"

namespace towl::test {
namespace {

class EveryBit : public testing::TestWithParam<MadeFile> {
 protected:
  // `flipped(bytes, place, bit)` for `bits` bits of every `step`th byte.
  template <class Flipped>
  void each_flip(std::size_t step, int bits, Flipped flipped) {
    for (std::size_t place = 0; place < file.bytes.size(); place += step) {
      for (int i = 0; i < bits; ++i) {
        // One bit a byte: each bit in turn.
        const int bit = bits == 8 ? i : static_cast<int>((place / step + static_cast<std::size_t>(i)) % 8);
        SCOPED_TRACE(testing::Message() << "bit " << bit << " of byte " << place);
        std::string bytes = file.bytes;
        bytes[place] = static_cast<char>(bytes[place] ^ (1 << bit));
        flipped(bytes, place);
        if (HasFailure()) return;
      }
    }
  }

  // The ordinals from `from` on that must be readable although a bit of byte `place` is flipped.
  std::vector<Ordinal> kept(std::size_t place, Ordinal from = 0) const {
    Ordinal lost_from = file.entries.size();
    Ordinal lost_to = lost_from;
    for (const StoredFrame& frame : file.data_frames()) {
      // Positions have a checksum of their own: no entry is lost with them.
      if (place < frame.begin || place >= frame.begin + frame.header.positions_at()) continue;
      lost_from = frame.header.first;
      lost_to = lost_from < file.durable ? frame.header.end() : file.entries.size();
    }
    std::vector<Ordinal> ordinals;
    for (Ordinal i = from; i < file.entries.size(); ++i) {
      if (i < lost_from || i >= lost_to) ordinals.push_back(i);
    }
    return ordinals;
  }

  const SmallFile file = GetParam().make();
  MemoryFileLayer disk;
};
INSTANTIATE_TEST_SUITE_P(Files, EveryBit,
                         testing::Values(MadeFile{"Open", [] { return open_file(); }},
                                         MadeFile{"Closed", closed_file, 2}, MadeFile{"Sealed", sealed_file, 2},
                                         MadeFile{"SealedOfFrames", sealed_file_of_frames}),
                         [](const auto& made) { return made.param.name; });

TEST_P(EveryBit, CostsAtMostAFrameAndIsReported) {
  each_flip(1, fault_rounds() > 1 ? 8 : GetParam().bits, [&](const std::string& bytes, std::size_t place) {
    const Reading reading = read_damaged(disk, bytes, file.entries);
    ASSERT_TRUE(reading.opened) << reading.errors.front().to_string();
    ASSERT_EQ(reading.ordinals, kept(place));
    const bool durable_lost = reading.ordinals.size() < file.durable;
    ASSERT_TRUE(!durable_lost || !reading.errors.empty()) << "lost without an error";
    ASSERT_FALSE(is_whole(disk)) << "verify does not see it";
  });
}

TEST_P(EveryBit, LeavesEveryOrdinalToBeFound) {
  const Ordinal step = fault_rounds() > 1 ? 1 : 5;
  each_flip(1, 1, [&](const std::string& bytes, std::size_t place) {
    disk.set_contents(kDamagedPath, bytes);
    for (Ordinal from = place % step; from <= file.entries.size() + 1; from += step) {
      const auto found = read_damaged(disk, file.entries, from).ordinals;
      const auto must = kept(place, from);
      // After a torn frame that is skipped unread there may be more.
      ASSERT_TRUE(std::includes(found.begin(), found.end(), must.begin(), must.end())) << "sought " << from;
      ASSERT_TRUE(from >= file.durable || found == must) << "sought " << from;
    }
  });
}

TEST_P(EveryBit, IsRepaired) {
  each_flip(1, fault_rounds() > 1 ? 8 : 1, [&](const std::string& bytes, std::size_t place) {
    disk.set_contents(kDamagedPath, bytes);
    const auto repaired = repair(kDamagedPath, {.layer = &disk});
    ASSERT_TRUE(repaired) << repaired.error().to_string();
    const Reading reading = read_damaged(disk, file.entries);
    ASSERT_EQ(reading.ordinals, kept(place));
    ASSERT_TRUE(reading.errors.empty()) << reading.errors.front().to_string();
    ASSERT_TRUE(is_whole(disk)) << findings(disk);
    for (const char* saved : {"/d/1.towl.damaged", "/d/1.towl.torn"}) (void)disk.remove(saved);
  });
}

// A writer can still append, and loses nothing more.
TEST_P(EveryBit, LetsAWriterGoOn) {
  const bool sealed = file.frames.back().header.kind == detail::v2::FrameKind::footer;
  each_flip(1, 1, [&](const std::string& bytes, std::size_t) {
    disk.set_contents(kDamagedPath, bytes);
    if (sealed) {
      EXPECT_FALSE(FileWriter::open(kDamagedPath, {.layer = &disk}))
          << "a sealed file takes no entries, damaged or not";
    } else {
      expect_takes_entries(disk, file.entries);
    }
    (void)disk.remove("/d/1.towl.torn");
  });
}

}  // namespace
}  // namespace towl::test

// Files whose checksums all hold, but which contradict themselves: a wrong program wrote them, or memory flipped before
// the checksum was made. verify() says so; no wrong entry is sealed.
#include <gtest/gtest.h>

#include <functional>

#include "bytes.hpp"
#include "crc32c.hpp"
#include "fault/small_files.hpp"
#include "towl/seal.hpp"
#include "v2/pages.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

constexpr std::size_t kCountAt = 20;
constexpr std::size_t kMinAt = 32;
constexpr std::size_t kDigestAt = 64;
constexpr std::size_t kTagAt = 80;
constexpr std::size_t kReasonAt = 87;  // of a gap
constexpr std::size_t kTextBytesAt = 92;
constexpr std::size_t kHeaderPageTagAt = v2::kExtensionOffset + 20;

// Changes both slots.
std::string with_slots(std::string bytes, std::uint32_t tag, const std::function<void(v2::Slot&)>& change) {
  for (std::size_t i = 0; i < v2::kSlots; ++i) {
    const std::size_t at = v2::kIndexOffset + i * v2::kSlotBytes;
    auto slot = v2::decode_slot(std::string_view(bytes).substr(at, v2::kSlotBytes), tag);
    if (!slot) continue;
    change(*slot);
    bytes.replace(at, v2::kSlotBytes, v2::encode_slot(*slot, tag));
  }
  return bytes;
}

// Adds one to a byte of a frame's header, and makes all checksums and the chain after it right again.
std::string with_header_changed(const SmallFile& file, std::size_t number, std::size_t at) {
  std::string bytes = file.bytes;
  const auto frames = file.frames;
  bytes[frames[number].begin + at] = static_cast<char>(bytes[frames[number].begin + at] + 1);
  std::uint32_t chain = frames[number].header.previous;
  for (std::size_t i = number; i < frames.size(); ++i) {
    const v2::FrameHeader& header = frames[i].header;
    chain = v2::relink_frame(bytes.data() + frames[i].begin, {chain, header.life, header.durable}, file.tag);
  }
  return with_slots(bytes, file.tag, [&](v2::Slot& slot) {
    for (const StoredFrame& frame : frames) {
      if (frame.end == slot.data_end)
        slot.chain = detail::load_little_endian<std::uint32_t>(bytes.data() + frame.begin + 4);
    }
  });
}

class Contradiction : public testing::Test {
 protected:
  std::string found(std::string bytes) {
    disk.set_contents(kDamagedPath, std::move(bytes));
    return findings(disk);
  }
  const SmallFile file = closed_file();
  MemoryFileLayer disk;
};

TEST_F(Contradiction, IsNotWhatTheHelpersMake) {
  EXPECT_EQ(found(with_slots(file.bytes, file.tag, [](v2::Slot&) {})), "whole");
}

TEST_F(Contradiction, OfAFramesDigestIsFound) {
  for (std::size_t i = 1; i < file.frames.size(); ++i) {
    const std::string what = found(with_header_changed(file, i, kDigestAt));
    EXPECT_NE(what.find("the digest of the entries before this frame"), std::string::npos) << i << ": " << what;
  }
}

TEST_F(Contradiction, OfAFramesTimesIsFound) {
  const std::string what = found(with_header_changed(file, 3, kMinAt));
  EXPECT_NE(what.find("earliest and latest time"), std::string::npos) << what;
}

TEST_F(Contradiction, OfAFramesTagIsDamage) {
  disk.set_contents(kDamagedPath, with_header_changed(file, 3, kTagAt));
  const Reading reading = read_damaged(disk, file.entries);
  EXPECT_EQ(reading.ordinals.size(), file.entries.size() - file.frames[3].header.count);
  EXPECT_FALSE(is_whole(disk));
}

// What no writer writes is no frame, checksum or not: its header must not be taken for one that was read.
TEST_F(Contradiction, OfAFramesKindAndReasonIsDamage) {
  const SmallFile open = open_file();
  for (std::size_t i = 1; i < open.frames.size() && open.frames[i].header.first < open.durable; ++i) {
    SCOPED_TRACE(i);
    const Reading reading = read_damaged(disk, with_header_changed(open, i, kReasonAt), open.entries);
    EXPECT_EQ(reading.ordinals.size(), open.entries.size() - open.frames[i].header.count);
    EXPECT_EQ(reading.errors.size(), 1U);
    EXPECT_FALSE(is_whole(disk));
    if (open.frames[i].header.end() != open.durable) continue;
    const auto recovered = recover(kDamagedPath, {.layer = &disk});
    EXPECT_TRUE(recovered && recovered->damage.size() == 1) << "its slot names it, and readers do not take it";
  }
}

TEST_F(Contradiction, OfAFiltersKindAndReasonIsFound) {
  const SmallFile sealed = sealed_file_of_frames();
  for (std::size_t i = 0; i < sealed.frames.size(); ++i) {
    if (sealed.frames[i].header.kind != v2::FrameKind::filter) continue;
    EXPECT_NE(found(with_header_changed(sealed, i, kReasonAt)).find("a filter"), std::string::npos) << findings(disk);
  }
}

// Readers report it, and so does recovery, which begins at the frame that the slot names.
TEST_F(Contradiction, OfWhatTheFirstFrameAfterTheSlotNamesIsReported) {
  const SmallFile open = open_file();
  std::string bytes = open.bytes;
  std::uint32_t chain = 1;
  for (const StoredFrame& frame : open.frames) {
    if (frame.header.kind != v2::FrameKind::data || frame.header.first < open.durable) continue;
    chain = v2::relink_frame(bytes.data() + frame.begin, {chain, frame.header.life, frame.header.durable}, open.tag);
  }
  const Reading reading = read_damaged(disk, bytes, open.entries);
  EXPECT_EQ(reading.ordinals.size(), open.entries.size());
  EXPECT_EQ(reading.errors.size(), 1U);
  const auto recovered = recover(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(recovered);
  EXPECT_EQ(recovered->damage.size(), 1U);
}

// After damage, a header is not believed if its payload is damaged too: too large a count would cost all entries after
// it.
TEST_F(Contradiction, OfADamagedFramesCountCostsNoOthers) {
  std::string bytes = with_header_changed(file, 4, kCountAt);
  bytes[file.frames[3].begin] = '?';
  bytes[file.frames[4].begin + v2::kFrameHeaderBytes] = '?';
  disk.set_contents(kDamagedPath, bytes);
  EXPECT_EQ(read_damaged(disk, file.entries).ordinals.size(),
            file.entries.size() - file.frames[3].header.count - file.frames[4].header.count);
}

TEST_F(Contradiction, OfTheHeaderPagesTagIsFound) {
  std::string bytes = file.bytes;
  bytes[kHeaderPageTagAt] = static_cast<char>(~bytes[kHeaderPageTagAt]);
  const std::uint32_t checksum = detail::crc32c(std::string_view(bytes).substr(0, v2::kHeaderChecksumOffset));
  detail::store_little_endian(bytes.data() + v2::kHeaderChecksumOffset, checksum);
  EXPECT_NE(found(bytes).find("its tag is not its UUID's"), std::string::npos) << findings(disk);
  EXPECT_EQ(read_damaged(disk, file.entries).ordinals.size(), file.entries.size()) << "the header frame has it too";
}

// The page of another file in a frame of this one: with its tag, no frame of this file would be read.
TEST_F(Contradiction, OfTheTagsOfAHeaderFrameAndItsPageMakesItNoHeader) {
  const SmallFile open = open_file();
  std::string bytes = open.bytes;
  v2::FrameHeader header;
  header.tag = open.tag;
  header.kind = v2::FrameKind::header;
  header.first = open.entries.size();
  header.previous = open.frames.back().header.header_checksum;
  header.raw_bytes = v2::kPageBytes;
  v2::append_frame(header, open_file(2).bytes.substr(0, v2::kPageBytes), bytes);
  std::fill_n(bytes.begin(), v2::kDataOffset, '\0');
  EXPECT_EQ(read_damaged(disk, bytes, open.entries).ordinals.size(), open.entries.size());
}

TEST_F(Contradiction, OfAFramesLengthOfTextIsFound) {
  const std::string bytes = with_header_changed(file, 3, kTextBytesAt);
  EXPECT_NE(found(bytes).find("not what its header says"), std::string::npos) << findings(disk);
}

// A wrong digest would make every mirror look as if it had diverged.
TEST_F(Contradiction, OfTheIndexDigestIsFoundAndNotSealed) {
  const std::string bytes = with_slots(file.bytes, file.tag, [](v2::Slot& slot) { slot.index.digest ^= 1; });
  EXPECT_EQ(found(bytes), std::to_string(v2::kIndexOffset) + ": the index page's digest is not that of its entries\n");
  EXPECT_EQ(seal(kDamagedPath, {.layer = &disk}).error().code, ErrorCode::corrupt);
  EXPECT_TRUE(disk.contents(kDamagedPath) == bytes);
}

TEST_F(Contradiction, OfAClosedFilesIndexIsFound) {
  const std::string bytes = with_slots(file.bytes, file.tag, [](v2::Slot& slot) { ++slot.index.text_bytes; });
  EXPECT_NE(found(bytes).find("the index page of the closed file"), std::string::npos) << findings(disk);
}

// The slot names another frame than the one that is there, as if a disk kept an earlier life of the file.
TEST_F(Contradiction, OfTheIndexChainIsFound) {
  const std::string what = found(with_slots(open_file().bytes, file.tag, [](v2::Slot& slot) { ++slot.chain; }));
  EXPECT_NE(what.find("not the one that the index page says"), std::string::npos) << what;
}

// If a slot contradicts its frames, the frames are right, because that is what readers return.
TEST_F(Contradiction, OfTheIndexChainIsPutRightByRecovery) {
  const SmallFile open = open_file();
  disk.set_contents(kDamagedPath, with_slots(open.bytes, open.tag, [](v2::Slot& slot) { ++slot.chain; }));
  const auto recovered = recover(kDamagedPath, {.layer = &disk});
  ASSERT_TRUE(recovered);
  EXPECT_TRUE(recovered->damage.empty()) << recovered->damage.front().what;
  EXPECT_TRUE(is_whole(disk)) << findings(disk);
  EXPECT_EQ(read_damaged(disk, open.entries).ordinals.size(), open.entries.size());
}

}  // namespace
}  // namespace towl::test

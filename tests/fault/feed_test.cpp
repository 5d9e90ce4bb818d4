// What a pull of stored frames sends from a damaged file: stored bytes as they were written, in their order, and an
// error in place of those that are lost.
#include <gtest/gtest.h>

#include "fault/small_files.hpp"
#include "frame_feed.hpp"
#include "towl/structure.hpp"
#include "v2/digest.hpp"

namespace towl::test {
namespace {

namespace v2 = detail::v2;

class Feed : public testing::TestWithParam<MadeFile> {
 protected:
  Result<std::unique_ptr<detail::FrameFeed>> open() {
    return detail::FrameFeed::open(*disk.open(kDamagedPath, OpenMode::read), kDamagedPath, small_uuid(1));
  }

  // How many entries the feed has to give, and their digest.
  Index until() const {
    Index index;
    index.count = file.entries.size();
    for (const Entry& entry : file.entries) index.digest = v2::extend_digest(index.digest, entry);
    return index;
  }

  // The frames from `count` on. Fails the test if they are neither those of the file nor gaps with the right digest.
  void check_frames(detail::FrameFeed& feed, Ordinal count) {
    const Index all = until();
    if (!feed.seek(count)) return;
    const bool begins_frame = feed.boundary().has_value();
    std::size_t lost = 0;
    while (feed.count() < all.count) {
      const Ordinal first = feed.count();
      const auto run = feed.next_frames(all, 1);
      if (!run) return;
      ASSERT_GT(run->count, 0U);
      v2::FrameHeader header;
      ASSERT_EQ(v2::read_frame_header(run->bytes, file.tag, header), v2::FrameFound::frame);
      if (header.kind == v2::FrameKind::gap) {
        ++lost;
        ASSERT_EQ(header.first, first);
        std::uint64_t digest = 0;
        for (Ordinal i = 0; i < header.end(); ++i) digest = v2::extend_digest(digest, file.entries[i]);
        ASSERT_EQ(header.digest, digest);
        ASSERT_FALSE(run->damage.empty());
        continue;
      }
      // The rest of a frame is framed again: the entries are compared there.
      if (first == count && !begins_frame) continue;
      ASSERT_TRUE(is_as_written(run->at.offset, run->bytes)) << "wrong bytes for entry " << first;
    }
    ASSERT_LE(lost, 1U) << "one flip costs one frame";
    for (std::size_t i = 0;; ++i) {
      const auto run = feed.next_trailer(1);
      if (!run || run->bytes.empty()) return;
      ASSERT_LE(i, file.frames.size()) << "it does not end";
      ASSERT_TRUE(std::string_view(file.bytes).substr(run->at.offset, run->bytes.size()) == run->bytes)
          << "wrong bytes behind the entries";
    }
  }

  // Whether these are the file's frames from `offset` on, except for their positions, which are left out.
  bool is_as_written(std::uint64_t offset, std::string_view bytes) const {
    std::string written = file.bytes.substr(offset, bytes.size());
    v2::FrameHeader header;
    for (std::size_t at = 0; at < written.size(); at += header.bytes()) {
      if (v2::read_frame_header(std::string_view(written).substr(at), file.tag, header) != v2::FrameFound::frame) break;
      v2::leave_out_positions(written.data() + at, header);
    }
    return written == bytes;
  }

  const SmallFile file = GetParam().make();
  MemoryFileLayer disk;
};
INSTANTIATE_TEST_SUITE_P(Files, Feed,
                         testing::Values(MadeFile{"Open", [] { return open_file(); }},
                                         MadeFile{"SealedOfFrames", sealed_file_of_frames}),
                         [](const auto& made) { return made.param.name; });

TEST_P(Feed, GivesAllOfAWholeFile) {
  disk.set_contents(kDamagedPath, file.bytes);
  auto feed = open();
  ASSERT_TRUE(feed && (*feed)->seek(0));
  std::string sent;
  while ((*feed)->count() < file.entries.size()) sent += (*feed)->next_frames(until(), 1)->bytes;
  for (auto run = (*feed)->next_trailer(1); !run->bytes.empty(); run = (*feed)->next_trailer(1)) sent += run->bytes;
  EXPECT_TRUE(is_as_written(file.data_frames().front().begin, sent));
}

TEST_P(Feed, NeverSendsWhatABitWasFlippedIn) {
  for (std::size_t place = 0; place < file.bytes.size(); ++place) {
    for (int bit = 0; bit<8; bit += fault_rounds()> 1 ? 1 : 7) {
      SCOPED_TRACE(testing::Message() << "bit " << bit << " of byte " << place);
      std::string bytes = file.bytes;
      bytes[place] = static_cast<char>(bytes[place] ^ (1 << bit));
      disk.set_contents(kDamagedPath, bytes);
      for (const Ordinal count : {Ordinal{0}, Ordinal{7}, Ordinal{12}}) {
        auto feed = open();
        ASSERT_TRUE(feed) << feed.error().to_string();
        check_frames(**feed, count);
        if (HasFailure()) return;
      }
    }
  }
}

// At every place in the file a frame may be half written. A reader that has met such bytes reads them again.
TEST_P(Feed, AReaderSeesAFrameOnceItIsAllThere) {
  if (file.frames.back().header.kind == v2::FrameKind::footer) GTEST_SKIP() << "nobody writes to it";
  const StoredFrame last = file.frames.back();
  for (const std::uint64_t written : {std::uint64_t{0}, std::uint64_t{40}, std::uint64_t{80}, std::uint64_t{90}}) {
    SCOPED_TRACE(written);
    std::string bytes = file.bytes;
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(last.begin + written), bytes.end(), '\0');
    disk.set_contents(kDamagedPath, bytes);
    auto reader = FileReader::open(kDamagedPath, {.layer = &disk});
    ASSERT_TRUE(reader);
    EXPECT_EQ(read_all(*reader).size(), last.header.first);
    disk.set_contents(kDamagedPath, file.bytes);
    EXPECT_EQ(read_all(*reader).size(), last.header.count);
  }
}

// `towlctl info` counts what is there, and comes to its end.
TEST_P(Feed, DamagedFramesAreNotCounted) {
  for (const StoredFrame& damaged : file.data_frames()) {
    std::string bytes = file.bytes;
    bytes[damaged.begin + 20] = static_cast<char>(~bytes[damaged.begin + 20]);
    disk.set_contents(kDamagedPath, bytes);
    const auto structure = read_structure(kDamagedPath, &disk);
    ASSERT_TRUE(structure);
    std::uint64_t frames = 0;
    for (const FrameGroup& group : structure->groups) frames += group.frames;
    EXPECT_EQ(frames, file.frames.size() - 1);
  }
}

}  // namespace
}  // namespace towl::test

// Frames of kinds that a later version may write and a reader of today does not know: it must skip them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "towl/seal.hpp"
#include "v2/frame.hpp"
#include "v2/pages.hpp"

namespace towl {
namespace {

using namespace detail::v2;

constexpr const char* kUnknownPath = "/1.towl";

class UnknownFrames : public testing::TestWithParam<int> {
 protected:
  // Three frames of 50 entries, and one of the kind after each; what it says makes no sense to anybody.
  void write(bool close) {
    auto writer = FileWriter::create(kUnknownPath, {.file_id = 1, .opened = 5}, {.layer = &layer});
    ASSERT_TRUE(writer);
    for (std::uint64_t i = 0; i < 150; i += 50) {
      ASSERT_TRUE(writer->append(test::views(test::numbered_entries(i, 50))));
      ASSERT_TRUE(writer->flush());
      ASSERT_TRUE(writer->append_head("what nobody knows, entry " + std::to_string(i)));
    }
    ASSERT_TRUE(close ? writer->close(9) : writer->sync());
    change_kinds();
  }

  // As if the writer had written them so: all links and both slots fit.
  void change_kinds() {
    std::string file = layer.contents(kUnknownPath);
    const std::uint32_t tag = file_tag(FileReader::open(kUnknownPath, {.layer = &layer})->header().uuid);
    FrameHeader header;
    std::uint32_t previous = 0;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> changed;
    for (std::size_t at = kFramesOffset; at < file.size(); at += static_cast<std::size_t>(header.bytes())) {
      if (read_frame_header(std::string_view(file).substr(at), tag, header) != FrameFound::frame) break;
      const std::uint32_t before = header.header_checksum;
      FrameHeader other = header;
      if (header.kind == FrameKind::head) {
        other.kind = static_cast<FrameKind>(GetParam());
        // Not even these are looked at.
        other.codec = Codec{9};
        other.layout = Layout{200};
      }
      other.previous = previous;
      std::string bytes;
      const std::string rest = file.substr(at);
      previous = append_frame(other, payload_of(rest, header), bytes, positions_of(rest, header)).header_checksum;
      changed.emplace_back(before, previous);
      file.replace(at, bytes.size(), bytes);
    }
    for (const std::size_t at : {kIndexOffset, kIndexOffset + kSlotBytes}) {
      auto slot = decode_slot(std::string_view(file).substr(at), tag);
      if (!slot) continue;
      for (const auto& [before, after] : changed) {
        if (slot->chain == before) {
          slot->chain = after;
          break;
        }
      }
      file.replace(at, kSlotBytes, encode_slot(*slot, tag));
    }
    layer.set_contents(kUnknownPath, file);
  }

  std::size_t unknown() const {
    const std::string file = layer.contents(kUnknownPath);
    std::size_t count = 0;
    for (std::size_t at = file.find("nobody knows"); at != std::string::npos; at = file.find("nobody knows", at + 1)) {
      ++count;
    }
    return count;
  }

  void expect_whole(std::uint64_t count = 150) {
    EXPECT_EQ(test::read_all(kUnknownPath, &layer), test::numbered_entries(0, count));
    const auto verified = verify(kUnknownPath, {.layer = &layer});
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->whole()) << verified->findings.front().what;
  }

  bool is_kept() const { return GetParam() < 64; }

  MemoryFileLayer layer;
};

TEST_P(UnknownFrames, ArePassedOver) {
  write(true);
  EXPECT_EQ(unknown(), 3u);
  expect_whole();
  auto reader = FileReader::open(kUnknownPath, {.layer = &layer});
  for (const std::uint64_t ordinal : {149u, 50u, 100u, 0u}) {
    ASSERT_TRUE(reader->seek(ordinal));
    EXPECT_EQ(Entry(**reader->next()), test::numbered_entry(ordinal));
  }
}

TEST_P(UnknownFrames, DoNotKeepAFileFromBeingWrittenOn) {
  write(false);
  auto writer = FileWriter::open(kUnknownPath, {.layer = &layer});
  ASSERT_TRUE(writer) << writer.error().to_string();
  EXPECT_EQ(writer->recovered().torn_bytes, 0u);
  ASSERT_TRUE(writer->append(test::views(test::numbered_entries(150, 10))));
  ASSERT_TRUE(writer->close(9));
  EXPECT_EQ(unknown(), 3u);
  expect_whole(160);
}

// Frames that belong to entries go where the entries go; others belong to the file.
TEST_P(UnknownFrames, AreKeptByASealAndARepairIfTheyTravel) {
  write(true);
  const std::string before = layer.contents(kUnknownPath);
  ASSERT_TRUE(seal(kUnknownPath, {.layer = &layer}));
  EXPECT_EQ(unknown(), is_kept() ? 3u : 0u);
  expect_whole();
  std::string damaged = before;
  damaged[damaged.find("entry 50")] = 'E';
  layer.set_contents(kUnknownPath, damaged);
  ASSERT_TRUE(repair(kUnknownPath, {.layer = &layer}));
  EXPECT_EQ(unknown(), is_kept() ? 3u : 0u);
  const auto verified = verify(kUnknownPath, {.layer = &layer});
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->whole()) << verified->findings.front().what;
  EXPECT_EQ(verified->lost, 50u);
}

INSTANTIATE_TEST_SUITE_P(Kinds, UnknownFrames, testing::Values(8, 63, 64, 127, 128, 255),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace towl

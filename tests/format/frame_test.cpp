// The header of a frame is believed as a whole, or not at all. spec/format-v2.md, "Frames"
#include "v2/frame.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towl::detail::v2 {
namespace {

constexpr std::uint32_t kTag = 0x1234'5678;

std::string frame_of(std::string_view payload) {
  FrameHeader header;
  header.layout = Layout::columns;
  header.tag = kTag;
  header.raw_bytes = static_cast<std::uint32_t>(payload.size());
  header.count = 1;
  std::string bytes;
  append_frame(header, payload, bytes, "positions");
  return bytes;
}

TEST(Frame, NoHeaderHoldsInWhichABitWasFlipped) {
  const std::string frame = frame_of("payload");
  FrameHeader header;
  ASSERT_EQ(read_frame_header(frame, kTag, header), FrameFound::frame);
  ASSERT_EQ(read_frame_tag(frame), kTag);
  for (std::size_t bit = 0; bit < 8 * kFrameHeaderBytes; ++bit) {
    std::string bad = frame;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    const bool holds = read_frame_header(bad, kTag, header) == FrameFound::frame;
    // Its tag is believed where no header page tells it: then from whole headers alone.
    const bool tells = read_frame_tag(bad).has_value();
    EXPECT_FALSE(holds) << bit;
    EXPECT_FALSE(tells) << bit;
  }
}

TEST(Frame, OfAnotherFileIsNone) {
  FrameHeader header;
  EXPECT_EQ(read_frame_header(frame_of("payload"), kTag + 1, header), FrameFound::damaged);
}

}  // namespace
}  // namespace towl::detail::v2

// Checks every #include of libtowl against the table of floors. An include that points up is a defect.
#include <gtest/gtest.h>

#include "architecture/includes.hpp"

namespace towl::architecture {
namespace {

// The floor of libtowl that a header belongs to, or "".
std::string floor_of(const std::string& header) {
  for (const auto& [floor, knows] : floors()) {
    for (const char* part : {"include", "src"}) {
      if (fs::exists(kRoot / "libtowl" / floor / part / header)) return floor;
    }
  }
  return "";
}

bool floor_may_include(const std::string& floor, const std::string& header) {
  const std::string other = floor_of(header);
  return other.empty() || other == floor || floors().at(floor).contains(other);
}

TEST(Floors, NoIncludeOfLibtowlPointsUp) {
  std::size_t checked = 0;
  for (const auto& [floor, knows] : floors()) {
    for (const auto& [file, header] : includes_below(kRoot / "libtowl" / floor)) {
      if (floor_of(header).empty()) continue;
      ++checked;
      EXPECT_TRUE(floor_may_include(floor, header)) << file << " includes " << header;
    }
  }
  EXPECT_GT(checked, 50U) << "the test found hardly any include: has the layout changed?";
}

TEST(Floors, AnIncludeThatPointsUpIsSeen) {
  EXPECT_FALSE(floor_may_include("base", "towl/entry.hpp"));
  EXPECT_FALSE(floor_may_include("io", "towl/header.hpp"));
  EXPECT_FALSE(floor_may_include("format", "towl/file_layer.hpp"));
  EXPECT_FALSE(floor_may_include("file", "towl/store.hpp"));
  EXPECT_FALSE(floor_may_include("record", "towl/store.hpp"));
  EXPECT_FALSE(floor_may_include("store", "towl/record/level.hpp"));
  EXPECT_TRUE(floor_may_include("store", "towl/file_writer.hpp"));
}

TEST(Floors, LibtowlKnowsNothingOfTheNetwork) {
  for (const auto& [file, header] : includes_below(kRoot / "libtowl")) {
    EXPECT_FALSE(is_rpc(header) || header.starts_with("boost/")) << file << " includes " << header;
  }
}

// The headers that applications include must not need more than tl::expected.
TEST(Floors, ThePublicFaceNeedsNoOtherLibrary) {
  for (const auto& [floor, knows] : floors()) {
    for (const auto& [file, header] : includes_below(kRoot / "libtowl" / floor / "include")) {
      const bool standard = header.find('.') == std::string::npos;
      EXPECT_TRUE(standard || header.starts_with("towl/") || header.starts_with("tl/"))
          << file << " includes " << header;
    }
  }
}

}  // namespace
}  // namespace towl::architecture

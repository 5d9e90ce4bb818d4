// The record of how far a store was pushed: a short text, which also says whose store it is.
#include <gtest/gtest.h>

#include "ingest/pushed_files.hpp"
#include "ingest/upstreams.hpp"
#include "limits/limits.hpp"

namespace towld {
namespace {

TEST(PushPosition, IsAShortTextWithItsOwner) {
  const PushPosition position{3, 47'000, 0xc0ffee};
  constexpr std::chrono::seconds kWhen{1'796'001'600};
  EXPECT_EQ(format_owned_position(position, "", kWhen), "3 47000 0000000000c0ffee @1796001600");
  EXPECT_EQ(format_owned_position(position, "web-7", kWhen), "3 47000 0000000000c0ffee web-7@1796001600");
  for (const char* owner : {"", "web-7", "ann@example"}) {
    const std::string text = format_owned_position(position, owner, kWhen);
    EXPECT_EQ(parse_push_position(text), position);
    EXPECT_EQ(owner_of_position(text), owner);
    EXPECT_EQ(seen_of_position(text), kWhen);
  }
  // As it was before times were kept.
  EXPECT_EQ(owner_of_position("3 47000 0000000000c0ffee web-7"), "web-7");
  EXPECT_EQ(owner_of_position("3 47000 0000000000c0ffee a@b"), "a@b");
  for (const char* timeless : {"3 47000 0000000000c0ffee", "3 47000 0000000000c0ffee web-7", "3 47000 c0ffee a@b"}) {
    EXPECT_EQ(parse_push_position(timeless), position) << timeless;
    EXPECT_FALSE(seen_of_position(timeless)) << timeless;
  }
  EXPECT_EQ(owner_of_position(""), "");
  for (const char* wrong : {"", "3", "3 4", "3 4 5 ", "3 4 5 a b", "3 4 5x", "x"}) {
    EXPECT_FALSE(parse_push_position(wrong)) << wrong;
  }
  EXPECT_EQ(store_of_source(source_of_store("S")), "S");
  EXPECT_FALSE(store_of_source("producer/S"));
}

TEST(PushedFiles, AFileFarAfterTheLastOneCannotBe) {
  PushedFiles files("store/S", "5 10 0000000000000000");
  const towl::Uuid uuid{};
  EXPECT_FALSE(files.begin_file({4, 0, 0}, uuid));
  EXPECT_FALSE(files.begin_file({~std::uint64_t{0}, 0, 0}, uuid));
  EXPECT_FALSE(files.begin_file({5 + kMaxFileJump + 1, 0, 0}, uuid));
  EXPECT_TRUE(files.begin_file({6, 0, 0}, uuid));
  // An agent that is new may begin anywhere: what it had before is elsewhere, or gone.
  PushedFiles fresh("store/T", "");
  EXPECT_TRUE(fresh.begin_file({10'000'000, 0, 0}, uuid));
}

TEST(Upstreams, AreBoundedAndTellWhenThereAreMore) {
  Upstreams upstreams;
  const std::vector<std::string> two = {"a", "b"};
  upstreams.add(two);
  const auto version = upstreams.version();
  EXPECT_GT(version, 0u);
  upstreams.add(two);
  EXPECT_EQ(upstreams.version(), version);
  EXPECT_EQ(upstreams.all(), two);
  for (std::size_t i = 0; i < kMaxUpstreams + 10; ++i) {
    const std::vector<std::string> one = {std::to_string(i)};
    upstreams.add(one);
  }
  EXPECT_EQ(upstreams.all().size(), kMaxUpstreams);
}

}  // namespace
}  // namespace towld

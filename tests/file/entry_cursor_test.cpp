#include "v1/entry_cursor.hpp"

#include <gtest/gtest.h>

#include "support/stores.hpp"

namespace towl::detail {
namespace {

std::string encode(std::uint64_t count) {
  std::string bytes;
  for (std::uint64_t i = 0; i < count; ++i) v1::encode_entry(test::numbered_entry(i), bytes);
  return bytes;
}

TEST(WalkEntries, CountsWholeEntriesOnly) {
  const std::string bytes = encode(3);
  const std::size_t two = encode(2).size();
  for (std::size_t cut = two; cut < bytes.size(); ++cut) {
    const auto walk = walk_entries(std::string_view(bytes).substr(0, cut), 100);
    ASSERT_TRUE(walk);
    EXPECT_EQ(walk->count, 2U);
    EXPECT_EQ(walk->bytes, two);
  }
  EXPECT_EQ(walk_entries(bytes, 100)->count, 3U);
}

TEST(WalkEntries, StopsAtTheCountAskedFor) {
  const auto walk = walk_entries(encode(5), 2);
  ASSERT_TRUE(walk);
  EXPECT_EQ(walk->count, 2U);
  EXPECT_EQ(walk->bytes, encode(2).size());
}

TEST(WalkEntries, NamesThePlaceOfDamage) {
  std::string bytes = encode(3);
  bytes[encode(2).size() + 7] = 1;  // The top byte of a length.
  const auto walk = walk_entries(bytes, 100);
  ASSERT_FALSE(walk);
  EXPECT_EQ(walk.error().offset, encode(2).size());
  EXPECT_EQ(walk.error().ordinal, 2U);
}

}  // namespace
}  // namespace towl::detail

#include "partition.hpp"

#include <gtest/gtest.h>

namespace towl::detail {
namespace {

Timestamp at(std::string_view text) { return parse_rfc3339(text).value(); }

TEST(Partition, PeriodsBeginAtCalendarBoundaries) {
  const struct {
    Period period;
    const char* last;
    const char* first;
  } cases[] = {
      {Period::minute, "2026-01-17T14:30:59.999999999Z", "2026-01-17T14:31:00Z"},
      {Period::hour, "2026-01-17T14:59:59.999999999Z", "2026-01-17T15:00:00Z"},
      {Period::day, "2026-01-17T23:59:59.999999999Z", "2026-01-18T00:00:00Z"},
      {Period::week, "2026-01-18T23:59:59.999999999Z", "2026-01-19T00:00:00Z"},  // Sunday, Monday.
      {Period::month, "2026-02-28T23:59:59.999999999Z", "2026-03-01T00:00:00Z"},
      {Period::month, "2025-12-31T23:59:59.999999999Z", "2026-01-01T00:00:00Z"},
      {Period::day, "1969-12-30T23:59:59.999999999Z", "1969-12-31T00:00:00Z"},
      {Period::week, "1969-12-28T23:59:59.999999999Z", "1969-12-29T00:00:00Z"},
  };
  for (const auto& [period, last, first] : cases) {
    SCOPED_TRACE(first);
    EXPECT_EQ(period_number(at(last), period) + 1, period_number(at(first), period));
    EXPECT_FALSE(is_due({.period = period}, at(last) - 1, at(last)));
    EXPECT_TRUE(is_due({.period = period}, at(last), at(first)));
  }
}

TEST(Partition, AFileIsDueAtItsAge) {
  const PartitionPolicy policy{.max_age_ns = 100};
  EXPECT_FALSE(is_due(policy, 1000, 1099));
  EXPECT_TRUE(is_due(policy, 1000, 1100));
}

TEST(Partition, AClockThatGoesBackClosesNothing) {
  const PartitionPolicy policy{.max_age_ns = 1, .period = Period::minute};
  EXPECT_FALSE(is_due(policy, at("2026-01-17T14:30:00Z"), at("2016-01-17T14:30:00Z")));
  EXPECT_TRUE(is_due(policy, std::numeric_limits<Timestamp>::min(), std::numeric_limits<Timestamp>::max()));
}

TEST(Partition, TheEntryThatCrossesTheBytesIsTheLast) {
  const PartitionPolicy policy{.max_bytes = 100};
  const auto forty = [](std::size_t) { return 40U; };
  EXPECT_EQ(room_for(policy, 0, 0, 10, forty), 3U);
  EXPECT_EQ(room_for(policy, 0, 99, 10, forty), 1U);
  EXPECT_EQ(room_for(policy, 0, 100, 10, forty), 0U);
  EXPECT_TRUE(is_full(policy, 3, 120));
  EXPECT_FALSE(is_full(policy, 2, 80));
}

TEST(Partition, WhicheverComesFirst) {
  const PartitionPolicy policy{.max_entries = 5, .max_bytes = 1000};
  const auto forty = [](std::size_t) { return 40U; };
  EXPECT_EQ(room_for(policy, 3, 0, 10, forty), 2U);
  EXPECT_EQ(room_for(policy, 7, 0, 10, forty), 0U);
  EXPECT_TRUE(is_full(policy, 5, 0));
}

}  // namespace
}  // namespace towl::detail

#include "arguments/time_expression.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

namespace towlctl {
namespace {

using towl::kNanosecondsPerSecond;
using towl::Timestamp;

constexpr Timestamp kNow = 1'768'660'200 * kNanosecondsPerSecond + 5;  // 2026-01-17T14:30:00.000000005Z

/// Berlin: UTC+1 in winter, +2 in summer.
class TimeExpression : public testing::Test {
 protected:
  TimeExpression() {
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
  }

  static std::string read(std::string_view text) {
    const auto time = parse_time_expression(text, kNow);
    return time ? std::string(towl::format_rfc3339(*time).view()) : "error";
  }
};

TEST_F(TimeExpression, NamesAndDaysAreLocal) {
  EXPECT_EQ(read("now"), "2026-01-17T14:30:00.000000005Z");
  EXPECT_EQ(read("today"), "2026-01-16T23:00:00Z");
  EXPECT_EQ(read("yesterday"), "2026-01-15T23:00:00Z");
  EXPECT_EQ(read("tomorrow"), "2026-01-17T23:00:00Z");
  EXPECT_EQ(read(" today "), "2026-01-16T23:00:00Z");
}

TEST_F(TimeExpression, OffsetsCountFromNow) {
  EXPECT_EQ(read("-1h"), "2026-01-17T13:30:00.000000005Z");
  EXPECT_EQ(read("+5min"), "2026-01-17T14:35:00.000000005Z");
  EXPECT_EQ(read("2h ago"), "2026-01-17T12:30:00.000000005Z");
  EXPECT_EQ(read("1h 30min left"), "2026-01-17T16:00:00.000000005Z");
}

TEST_F(TimeExpression, DatesWithoutAZoneAreLocal) {
  EXPECT_EQ(read("2026-01-17"), "2026-01-16T23:00:00Z");
  EXPECT_EQ(read("2026-07-17 14:30"), "2026-07-17T12:30:00Z");
  EXPECT_EQ(read("2026-01-17 14:30:05.25"), "2026-01-17T13:30:05.250Z");
  EXPECT_EQ(read("14:30"), "2026-01-17T13:30:00Z");
  EXPECT_EQ(read("2026-01-17T14:30"), "2026-01-17T13:30:00Z");
}

TEST_F(TimeExpression, AZoneIsTakenAsItStands) {
  EXPECT_EQ(read("2026-01-17 14:30 UTC"), "2026-01-17T14:30:00Z");
  EXPECT_EQ(read("2026-01-17T14:30:05Z"), "2026-01-17T14:30:05Z");
  EXPECT_EQ(read("2026-01-17T14:30:05+02:00"), "2026-01-17T12:30:05Z");
  EXPECT_EQ(read("2026-01-17 14:30:05.5Z"), "2026-01-17T14:30:05.500Z");
  EXPECT_EQ(read("14:30Z"), "2026-01-17T14:30:00Z");
}

TEST_F(TimeExpression, TheEpochIsCountedInSeconds) {
  EXPECT_EQ(read("@1768660200"), "2026-01-17T14:30:00Z");
  EXPECT_EQ(read("@1768660200.5"), "2026-01-17T14:30:00.500Z");
  EXPECT_EQ(read("@0"), "1970-01-01T00:00:00Z");
}

TEST_F(TimeExpression, TheClockChangeIsAsTheZoneHasIt) {
  EXPECT_EQ(read("2026-03-29 01:59"), "2026-03-29T00:59:00Z");
  EXPECT_EQ(read("2026-03-29 03:00"), "2026-03-29T01:00:00Z");
}

TEST_F(TimeExpression, NonsenseIsRefusedWithExamples) {
  for (const char* text : {"", "soon", "2026-13-01", "2026-02-30", "2026-01-17 25:00", "14", "-", "@", "@x", "@1.",
                           "1h", "2026-1-1", "@9223372037", "-300y", "2026-01-17 14:30:05 CET"}) {
    EXPECT_EQ(read(text), "error") << text;
  }
  EXPECT_NE(parse_time_expression("soon", kNow).error().message.find("-1h"), std::string::npos);
}

}  // namespace
}  // namespace towlctl

#include "towl/record/time_expression.hpp"

#include <gtest/gtest.h>

namespace towl {
namespace {

constexpr Timestamp kNow = 1'768'660'200 * kNanosecondsPerSecond + 5;  // 2026-01-17T14:30:00.000000005Z

/// Berlin: UTC+1 in winter, +2 in summer.
std::string time_meant(std::string_view text) {
  const auto zone = TimeZone::load("CET-1CEST,M3.5.0,M10.5.0/3");
  EXPECT_TRUE(zone);
  const auto time = parse_time_expression(text, kNow, *zone);
  return time ? std::string(format_rfc3339(*time).view()) : "error";
}

TEST(TimeExpression, NamesAndDaysAreLocal) {
  EXPECT_EQ(time_meant("now"), "2026-01-17T14:30:00.000000005Z");
  EXPECT_EQ(time_meant("today"), "2026-01-16T23:00:00Z");
  EXPECT_EQ(time_meant("yesterday"), "2026-01-15T23:00:00Z");
  EXPECT_EQ(time_meant("tomorrow"), "2026-01-17T23:00:00Z");
  EXPECT_EQ(time_meant(" today "), "2026-01-16T23:00:00Z");
}

TEST(TimeExpression, OffsetsCountFromNow) {
  EXPECT_EQ(time_meant("-1h"), "2026-01-17T13:30:00.000000005Z");
  EXPECT_EQ(time_meant("+5min"), "2026-01-17T14:35:00.000000005Z");
  EXPECT_EQ(time_meant("2h ago"), "2026-01-17T12:30:00.000000005Z");
  EXPECT_EQ(time_meant("1h 30min left"), "2026-01-17T16:00:00.000000005Z");
}

TEST(TimeExpression, DatesWithoutAZoneAreLocal) {
  EXPECT_EQ(time_meant("2026-01-17"), "2026-01-16T23:00:00Z");
  EXPECT_EQ(time_meant("2026-07-17 14:30"), "2026-07-17T12:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17 14:30:05.25"), "2026-01-17T13:30:05.250Z");
  EXPECT_EQ(time_meant("14:30"), "2026-01-17T13:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17T14:30"), "2026-01-17T13:30:00Z");
}

TEST(TimeExpression, AZoneIsTakenAsItStands) {
  EXPECT_EQ(time_meant("2026-01-17 14:30 UTC"), "2026-01-17T14:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17T14:30:05Z"), "2026-01-17T14:30:05Z");
  EXPECT_EQ(time_meant("2026-01-17T14:30:05+02:00"), "2026-01-17T12:30:05Z");
  EXPECT_EQ(time_meant("2026-01-17 14:30:05.5Z"), "2026-01-17T14:30:05.500Z");
  EXPECT_EQ(time_meant("14:30Z"), "2026-01-17T14:30:00Z");
}

// What systemd.time(7) has.
TEST(TimeExpression, SpansHaveSystemdsUnits) {
  EXPECT_EQ(time_meant("2 hours ago"), "2026-01-17T12:30:00.000000005Z");
  EXPECT_EQ(time_meant("1 month ago"), "2025-12-18T04:00:00.000000005Z");
  EXPECT_EQ(time_meant("-1M"), time_meant("1 month ago"));
  EXPECT_EQ(time_meant("1h ago"), time_meant("-1h"));
  EXPECT_EQ(time_meant("-3600"), time_meant("-1h"));
  EXPECT_EQ(time_meant("-90 seconds"), "2026-01-17T14:28:30.000000005Z");
  EXPECT_EQ(time_meant("-1.5h"), "2026-01-17T13:00:00.000000005Z");
  EXPECT_EQ(time_meant("3 days 12 hours ago"), "2026-01-14T02:30:00.000000005Z");
  EXPECT_EQ(time_meant("2 weeks ago"), "2026-01-03T14:30:00.000000005Z");
  EXPECT_EQ(time_meant("1 year ago"), "2025-01-17T08:30:00.000000005Z");
  EXPECT_EQ(time_meant("+5 msec"), "2026-01-17T14:30:00.005000005Z");
  EXPECT_EQ(time_meant("100 usec left"), "2026-01-17T14:30:00.000100005Z");
}

TEST(TimeExpression, WhatIsPrintedIsRead) {
  EXPECT_EQ(time_meant("2026-01-17T15:30:00+0100"), "2026-01-17T14:30:00Z");                    // short-iso
  EXPECT_EQ(time_meant("Jan 17 15:30:00.123456"), "2026-01-17T14:30:00.123456Z");               // short-precise
  EXPECT_EQ(time_meant("Jan 17 15:30:00"), "2026-01-17T14:30:00Z");                             // short
  EXPECT_EQ(time_meant("Dec 31 15:30:00"), "2025-12-31T14:30:00Z");                             // last year's
  EXPECT_EQ(time_meant("Sat 2026-01-17 15:30:00.123456 CET"), "2026-01-17T14:30:00.123456Z");   // verbose
  EXPECT_EQ(time_meant("Fri 2026-07-17 16:30:00.123456 CEST"), "2026-07-17T14:30:00.123456Z");  // verbose, in summer
  EXPECT_EQ(time_meant("Sat 2026-01-17 14:30:00.123456 UTC"), "2026-01-17T14:30:00.123456Z");   // verbose --utc
  EXPECT_EQ(time_meant("2026-01-17T14:30:00.123456789Z"), "2026-01-17T14:30:00.123456789Z");    // csv, logfmt
  EXPECT_EQ(time_meant("1768660200123456"), "2026-01-17T14:30:00.123456Z");                     // json, export
}

TEST(TimeExpression, ZonesHaveNames) {
  EXPECT_EQ(time_meant("2026-01-17 14:30:05 CET"), "2026-01-17T13:30:05Z");
  EXPECT_EQ(time_meant("2026-01-17 14:30 Europe/Berlin"), "2026-01-17T13:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17 14:30 Asia/Tokyo"), "2026-01-17T05:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17 14:30 EST"), "2026-01-17T19:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17 UTC"), "2026-01-17T00:00:00Z");
  EXPECT_EQ(time_meant("2026-01-17 Asia/Tokyo"), "2026-01-16T15:00:00Z");
  EXPECT_EQ(time_meant("14:30 UTC"), "2026-01-17T14:30:00Z");
  EXPECT_EQ(time_meant("2026-01-17 14:30 +01:00"), "2026-01-17T13:30:00Z");
  EXPECT_EQ(time_meant("Sat 2026-01-17"), "2026-01-16T23:00:00Z");
}

TEST(TimeExpression, TheEpochIsCountedInSeconds) {
  EXPECT_EQ(time_meant("@1768660200"), "2026-01-17T14:30:00Z");
  EXPECT_EQ(time_meant("@1768660200.5"), "2026-01-17T14:30:00.500Z");
  EXPECT_EQ(time_meant("@0"), "1970-01-01T00:00:00Z");
  // Without the @ as in logs: the size tells the unit.
  EXPECT_EQ(time_meant("1768660200"), "2026-01-17T14:30:00Z");
  EXPECT_EQ(time_meant("1768660200.5"), "2026-01-17T14:30:00.500Z");
  EXPECT_EQ(time_meant("1768660200123"), "2026-01-17T14:30:00.123Z");
}

TEST(TimeExpression, TheClockChangeIsAsTheZoneHasIt) {
  EXPECT_EQ(time_meant("2026-03-29 01:59"), "2026-03-29T00:59:00Z");
  EXPECT_EQ(time_meant("2026-03-29 03:00"), "2026-03-29T01:00:00Z");
}

TEST(TimeExpression, NonsenseIsRefusedWithExamples) {
  for (const char* text : {"",
                           "soon",
                           "2026-13-01",
                           "2026-02-30",
                           "2026-01-17 25:00",
                           "14",
                           "-",
                           "@",
                           "@x",
                           "@1.",
                           "1h",
                           "2026-1-1",
                           "@9223372037",
                           "-300y",
                           "2026-01-17 14:30:05 XYZ",
                           "1 fortnight ago",
                           "2026-01-17 Europe/Nowhere",
                           "ago",
                           "- ago",
                           "-1h ago",
                           "{\"$date\":0}"}) {
    EXPECT_EQ(time_meant(text), "error") << text;
  }
  EXPECT_NE(parse_time_expression("soon", kNow).error().message.find("-1h"), std::string::npos);
}

}  // namespace
}  // namespace towl

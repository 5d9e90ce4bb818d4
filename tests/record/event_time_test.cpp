#include "towl/record/event_time.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace towl {
namespace {

constexpr Timestamp kTime = 1'768'660'200'000'000'000;  // 2026-01-17T14:30:00Z

std::optional<Timestamp> time_said(std::string_view text, Timestamp near = kTime, std::int64_t unit_ns = 0) {
  static const auto kBerlin = *TimeZone::load("CET-1CEST,M3.5.0,M10.5.0/3");
  return read_event_time(text, kBerlin, near, unit_ns);
}

TEST(EventTime, FormsOfRfc3339) {
  for (const char* text : {"2026-01-17T14:30:00Z",
                           "2026-01-17T14:30:00.000Z",
                           "2026-01-17t14:30:00z",
                           "2026-01-17 14:30:00Z",
                           "2026-01-17T15:30:00+01:00",
                           "2026-01-17T15:30:00+0100",
                           "2026-01-17T15:30:00+01",
                           "2026-01-17 15:30:00 +0100",
                           "2026-01-17T15:30:00,000+0100",
                           "2026-01-17 15:30:00",
                           "2026-01-17 15:30:00,000",
                           "2026-01-17 15:30:00.000",
                           "2026-01-17T15:30",
                           "2026-01-17_15:30:00",
                           "2026/01/17 15:30:00",
                           "2026-01-17 14:30:00 UTC",
                           "2026-01-17 14:30:00 GMT",
                           "2026-01-17 15:30:00 CET",
                           "2026-01-17 16:30:00 CEST",
                           "2026-01-17 09:30:00 EST",
                           "2026-01-17 15:30:00 Europe/Berlin",
                           "2026-01-17T23:30:00 Asia/Tokyo",
                           " 2026-01-17T14:30:00Z\n"}) {
    EXPECT_EQ(time_said(text), kTime) << text;
  }
  EXPECT_EQ(time_said("2026-01-17 15:30:00,123"), kTime + 123'000'000);
  EXPECT_EQ(time_said("2026-01-17T15:30:00.123456789+0100"), kTime + 123'456'789);
  EXPECT_EQ(time_said("2026-01-17T15:30:00.1234567899+0100"), kTime + 123'456'789);
  EXPECT_EQ(time_said("2026-07-17 16:30:00"), time_said("2026-07-17T14:30:00Z"));
}

TEST(EventTime, OtherForms) {
  for (const char* text :
       {"Sat 2026-01-17 15:30:00.000000 CET", "17 Jan 2026 15:30:00 +0100", "Sat, 17 Jan 2026 14:30:00 GMT",
        "17/Jan/2026:15:30:00 +0100", "17-Jan-2026 15:30:00", "Sat Jan 17 15:30:00 2026",
        "Sat Jan 17 15:30:00 CET 2026", "Jan 17 15:30:00", "Jan 17 15:30:00.000", "Jan 17 2026 15:30:00"}) {
    EXPECT_EQ(time_said(text), kTime) << text;
  }
  EXPECT_EQ(time_said("Dec 31 23:59:59"), time_said("2025-12-31T22:59:59Z"));
}

TEST(EventTime, NumbersAreToldApartByTheirSize) {
  for (const char* text :
       {"1768660200", "1768660200.0", "1768660200000", "1768660200000000", "1768660200000000000", "1.7686602e9"}) {
    EXPECT_EQ(time_said(text), kTime) << text;
  }
  EXPECT_EQ(time_said("1768660200.123456789"), kTime + 123'456'789);
  EXPECT_EQ(time_said("1768660200.1234567899999"), kTime + 123'456'789);
  EXPECT_EQ(time_said("1768660200123.25"), kTime + 123'250'000);
  EXPECT_EQ(time_said("17", kTime, 1000), 17'000);
  EXPECT_EQ(time_said("1768660200123456", kTime, 1000), kTime + 123'456'000);
}

TEST(EventTime, MongosDates) {
  EXPECT_EQ(time_said(R"({"$date":"2026-01-17T15:30:00.000+01:00"})"), kTime);
  EXPECT_EQ(time_said(R"({ "$date" : "2026-01-17T15:30:00.000+0100" })"), kTime);
  EXPECT_EQ(time_said(R"({"$date":1768660200000})"), kTime);
  EXPECT_EQ(time_said(R"({"$date":{"$numberLong":"1768660200000"}})"), kTime);
  EXPECT_EQ(time_said(R"({"$date":0})"), 0);
  for (const char* none : {"{}", "{", "{\"$date\"}", "{\"$date\":}", "{\"$date\":{}}", "{\"$dat\":1}",
                           "{\"$date\":null}", "{\"$date\":\"\"}", "{\"$date\":\"noon\"}"}) {
    EXPECT_EQ(time_said(none), std::nullopt) << none;
  }
  // However deep: no stack is used up.
  std::string deep;
  for (int i = 0; i < 8; ++i) deep += "{\"$date\":";
  EXPECT_EQ(time_said(deep + "1" + std::string(8, '}')), std::nullopt);
}

TEST(EventTime, NonsenseIsNone) {
  for (const char* none : {"",
                           "17",
                           "noon",
                           "yesterday",
                           "now",
                           "1e400",
                           "-1768660200",
                           "99999999999999999999",
                           "99999999999",
                           "1768660200x",
                           "nan",
                           "inf",
                           "1.",
                           ".5",
                           "2026-01-17",
                           "2026-13-17T14:30:00Z",
                           "2026-02-30T14:30:00Z",
                           "2026-01-17T24:30:00Z",
                           "2026-01-17T14:60:00Z",
                           "2026-01-17T14:30:61Z",
                           "2026-01-17T14:30:00 XYZ",
                           "2026-01-17T14:30:00 ../../etc/passwd",
                           "2026-01-17T14:30:00 Europe/Nowhere",
                           "2026-01-17T14:30:00+25:00",
                           "2026-01-17T14:30:00Zx",
                           "9999-01-17T14:30:00Z",
                           "0000-01-17T14:30:00",
                           "2026-01/17 14:30:00",
                           "14:30:00"}) {
    EXPECT_EQ(time_said(none), std::nullopt) << none;
  }
  EXPECT_EQ(time_said(std::string(1 << 20, '1')), std::nullopt);
  EXPECT_EQ(time_said(std::string(1 << 20, ' ')), std::nullopt);
}

TEST(EventTime, NoBytesDoAnyHarm) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  constexpr std::string_view kBytes = "0123456789-:/.,TZ +CETjanfebSatUTC{\"$date}\xff";
  for (int i = 0; i < 100'000; ++i) {
    std::string text = i % 2 == 0 ? "2026-01-17T14:30:00.123+0100" : "Sat Jan 17 15:30:00 CET 2026";
    for (auto changes = random() % 5; changes > 0; --changes)
      text[random() % text.size()] = kBytes[random() % kBytes.size()];
    text.resize(random() % (text.size() + 1));
    time_said(text);
  }
}

}  // namespace
}  // namespace towl

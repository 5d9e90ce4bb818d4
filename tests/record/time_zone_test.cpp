// Zones: against libc's, which knows one at a time.
#include "towl/record/time_zone.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <tuple>

namespace towl {
namespace {

/// Sets TZ while it lives.
class ProcessZone {
 public:
  explicit ProcessZone(const char* name) {
    if (const char* was = getenv("TZ")) was_ = was;
    setenv("TZ", name, 1);
    tzset();
  }
  ~ProcessZone() {
    was_ ? setenv("TZ", was_->c_str(), 1) : unsetenv("TZ");
    tzset();
  }
  ProcessZone(const ProcessZone&) = delete;
  ProcessZone& operator=(const ProcessZone&) = delete;

 private:
  std::optional<std::string> was_;
};

class TimeZoneAgainstLibc : public testing::TestWithParam<const char*> {};

TEST_P(TimeZoneAgainstLibc, OffsetsNamesAndInstantsAreTheSame) {
  const ProcessZone process(GetParam());
  const auto zone = TimeZone::load(GetParam());
  ASSERT_TRUE(zone) << zone.error().to_string();
  std::mt19937_64 random(20260117);
  const auto check = [&](std::int64_t second) {
    std::tm local{};
    const std::time_t time = second;
    ASSERT_NE(localtime_r(&time, &local), nullptr);
    const auto offset = zone->at(second * kNanosecondsPerSecond);
    ASSERT_EQ(offset.seconds, local.tm_gmtoff) << second;
    ASSERT_EQ(offset.abbreviation, local.tm_zone) << second;
    ASSERT_EQ(offset.is_daylight_saving, local.tm_isdst > 0) << second;
    const CivilTime civil = zone->to_civil(second * kNanosecondsPerSecond);
    ASSERT_EQ(civil.year, local.tm_year + 1900);
    ASSERT_EQ(civil.hour, local.tm_hour);
    // What is ambiguous is the one that is near.
    ASSERT_EQ(zone->to_instant(civil, second * kNanosecondsPerSecond), second * kNanosecondsPerSecond) << second;
  };
  // From 1970, for old changes of a zone may be less than a day apart, to 2100, past the last change of the files.
  for (int i = 0; i < 20'000; ++i) check(static_cast<std::int64_t>(random() % 4'102'444'800));
  for (std::int64_t hour = 1'740'000'000 / 3600; hour < 1'790'000'000 / 3600; ++hour) check(hour * 3600);
}

INSTANTIATE_TEST_SUITE_P(Zones, TimeZoneAgainstLibc,
                         testing::Values("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe",
                                         "America/Sao_Paulo", "Pacific/Auckland", "Africa/Casablanca", "UTC",
                                         "CET-1CEST,M3.5.0,M10.5.0/3", "<-03>3", "EST5EDT",
                                         "NZST-12NZDT,M9.5.0,M4.1.0/3", "XXX3YYY,J60/1,J300/25", "XXX3YYY,59,299"));

TEST(TimeZone, WhatTheClocksLeaveOutIsNearest) {
  const auto zone = *TimeZone::load("Europe/Berlin");
  const CivilTime gap = {2026, 3, 29, 2, 30, 0, 0};
  EXPECT_EQ(zone.to_instant(gap, 0), (*TimeZone().to_instant({2026, 3, 29, 0, 30, 0, 0}, 0)));
  const CivilTime twice = {2026, 10, 25, 2, 30, 0, 0};
  const Timestamp first = *TimeZone().to_instant({2026, 10, 25, 0, 30, 0, 0}, 0);
  EXPECT_EQ(zone.to_instant(twice, first), first);
  EXPECT_EQ(zone.to_instant(twice, first + 3'600 * kNanosecondsPerSecond), first + 3'600 * kNanosecondsPerSecond);
}

TEST(TimeZone, TheProcessHasOne) {
  {
    const ProcessZone process("Asia/Tokyo");
    EXPECT_EQ(TimeZone::local().at(0).seconds, 32'400);
  }
  {
    const ProcessZone process(":Asia/Tokyo");
    EXPECT_EQ(TimeZone::local().at(0).seconds, 32'400);
  }
  const ProcessZone process("");
  EXPECT_EQ(TimeZone::local().at(0).seconds, 0);
}

TEST(TimeZone, AbbreviationsAreTheZonesOwnFirst) {
  const auto zone = *TimeZone::load("Asia/Shanghai");
  constexpr Timestamp kWinter = 1'768'660'200 * kNanosecondsPerSecond;
  EXPECT_EQ(zone.offset_of("CST", kWinter), 28'800);
  EXPECT_EQ(TimeZone().offset_of("CST", kWinter), -21'600);
  EXPECT_EQ(TimeZone().offset_of("CEST", kWinter), 7'200);
  EXPECT_EQ(TimeZone().offset_of("XYZ", kWinter), std::nullopt);
  EXPECT_EQ(TimeZone().offset_of("", kWinter), std::nullopt);
}

TEST(TimeZone, NamesAreNoPaths) {
  for (const char* name :
       {"../../../etc/passwd", "/etc/localtime", "Europe/../../../../etc/localtime", "Europe/None", ".", "Europe",
        "tzdata.zi", "-1", "a b", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.5.0", "CET-200", "<CET-1"}) {
    EXPECT_FALSE(TimeZone::load(name)) << name;
  }
  EXPECT_FALSE(TimeZone::load(std::string(100'000, 'A')));
}

// For any contents of a zone's file: an error or some zone, and nothing is read outside of it.
TEST(TimeZone, DamagedFilesDoNoHarm) {
  const std::string folder =
      testing::TempDir() + "/towl-zones-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed());
  std::ifstream file("/usr/share/zoneinfo/Europe/Berlin", std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(file)), {});
  if (good.empty()) GTEST_SKIP() << "needs tzdata";
  ASSERT_EQ(std::system(("mkdir -p " + folder).c_str()), 0);
  setenv("TZDIR", folder.c_str(), 1);
  std::mt19937 random(20260117);
  for (int i = 0; i < 2000; ++i) {
    std::string bytes = good;
    for (auto changes = random() % 4; changes > 0; --changes) {
      const auto end = random() % 2 == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 100);
      bytes[random() % end] = static_cast<char>(random());
    }
    if (random() % 2 == 0) bytes.resize(random() % bytes.size());
    std::ofstream(folder + "/Zone", std::ios::binary) << bytes;
    const auto zone = TimeZone::load("Zone");
    if (!zone) continue;
    for (const Timestamp time : {INT64_MIN, Timestamp{-1}, Timestamp{0}, INT64_MAX}) {
      zone->at(time);
      zone->to_instant(zone->to_civil(time), time);
    }
  }
  unsetenv("TZDIR");
  std::ignore = std::system(("rm -r " + folder).c_str());
}

}  // namespace
}  // namespace towl

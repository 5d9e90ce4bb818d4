#include "towl/time.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "time_memo.hpp"

namespace towl {
namespace {

constexpr Timestamp kLowest = std::numeric_limits<Timestamp>::min();
constexpr Timestamp kHighest = std::numeric_limits<Timestamp>::max();

std::string text(Timestamp time) { return std::string(format_rfc3339(time).view()); }

TEST(FormatTime, WritesAsFewFractionalDigitsAsTheValueNeeds) {
  EXPECT_EQ(text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(text(1'000'000), "1970-01-01T00:00:00.001Z");
  EXPECT_EQ(text(1'000), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(text(1), "1970-01-01T00:00:00.000000001Z");
  EXPECT_EQ(text(120'000'000), "1970-01-01T00:00:00.120Z");
  EXPECT_EQ(text(1'768'660'200'123'456'789), "2026-01-17T14:30:00.123456789Z");
}

TEST(FormatTime, ReachesBothEndsOfItsRange) {
  EXPECT_EQ(text(kLowest), "1677-09-21T00:12:43.145224192Z");
  EXPECT_EQ(text(kHighest), "2262-04-11T23:47:16.854775807Z");
  EXPECT_EQ(text(-1), "1969-12-31T23:59:59.999999999Z");
}

TEST(ParseTime, ReadsBackEveryTimeItWrites) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const std::int64_t units[] = {1, 1'000, 1'000'000, kNanosecondsPerSecond};
  for (int i = 0; i < 100'000; ++i) {
    const std::int64_t unit = units[i % 4];
    const Timestamp time = static_cast<Timestamp>(random()) / unit * unit;
    ASSERT_EQ(parse_rfc3339(text(time)), time);
  }
  for (const Timestamp time : {kLowest, kLowest + 1, Timestamp{-1}, Timestamp{0}, kHighest - 1, kHighest}) {
    EXPECT_EQ(parse_rfc3339(text(time)), time);
  }
}

// Each day from 1678 to 2261, counted by hand: month lengths and leap years of the Gregorian calendar.
TEST(ParseTime, KnowsEveryDayOfTheCalendar) {
  std::int64_t day_number = days_from_civil(1678, 1, 1);
  for (int year = 1678; year < 2262; ++year) {
    const bool leap = year % 400 == 0 || (year % 4 == 0 && year % 100 != 0);
    const unsigned lengths[] = {31, leap ? 29U : 28U, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    for (unsigned month = 1; month <= 12; ++month) {
      for (unsigned day = 1; day <= lengths[month - 1]; ++day, ++day_number) {
        const CivilTime civil = to_civil(day_number * 86'400 * kNanosecondsPerSecond);
        ASSERT_EQ(civil.year, year);
        ASSERT_EQ(civil.month, month);
        ASSERT_EQ(civil.day, day);
        ASSERT_EQ(days_from_civil(year, month, day), day_number);
      }
    }
  }
}

TEST(ParseTime, TakesOffsetsOtherThanZ) {
  const auto utc = parse_rfc3339("2026-01-17T12:00:00Z");
  ASSERT_TRUE(utc);
  EXPECT_EQ(parse_rfc3339("2026-01-17T14:30:00+02:30"), utc);
  EXPECT_EQ(parse_rfc3339("2026-01-17T04:00:00-08:00"), utc);
  EXPECT_EQ(parse_rfc3339("2026-01-17t12:00:00z"), utc);
  EXPECT_EQ(parse_rfc3339("2026-01-17 12:00:00-00:00"), utc);
}

TEST(ParseTime, TakesAnyNumberOfFractionalDigits) {
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.1Z"), 100'000'000);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.12345678Z"), 123'456'780);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.1234567899Z"), 123'456'789);
  EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:00.00000000000000000000000001+00:00"), 0);
  EXPECT_EQ(parse_rfc3339("1969-12-31T23:59:59.9Z"), -100'000'000);
}

TEST(ParseTime, TakesALeapSecondAsTheNextMinutesFirst) {
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60Z"), parse_rfc3339("2017-01-01T00:00:00Z"));
  EXPECT_EQ(parse_rfc3339("2016-12-31T23:59:60.5Z"), parse_rfc3339("2017-01-01T00:00:00.5Z"));
}

TEST(ParseTime, RefusesWhatIsNoTime) {
  for (const std::string_view bad : {"",
                                     "Z",
                                     "2026-01-17",
                                     "2026-01-17T14:30Z",
                                     "2026-01-17T14:30:00",
                                     "2026-13-01T00:00:00Z",
                                     "2026-00-01T00:00:00Z",
                                     "2026-01-32T00:00:00Z",
                                     "2026-02-29T00:00:00Z",
                                     "1900-02-29T00:00:00Z",
                                     "2026-01-00T00:00:00Z",
                                     "2026-01-17T24:00:00Z",
                                     "2026-01-17T14:60:00Z",
                                     "2026-01-17T14:30:61Z",
                                     "2026-01-17T14:30:00.Z",
                                     "2026-01-17T14:30:00.12 Z",
                                     "2026-01-17T14:30:00+24:00",
                                     "2026-01-17T14:30:00+02",
                                     "2026-01-17T14:30:00+0230",
                                     "2026-01-17T14:30:00ZZ",
                                     "2026/01/17T14:30:00Z",
                                     "2o26-01-17T14:30:00Z",
                                     "2026-01-17T14:30:00.12345678xZ",
                                     "-026-01-17T14:30:00Z",
                                     "2026-01-17X14:30:00Z",
                                     "2026-01-17T14:30:00.-1Z"}) {
    EXPECT_EQ(parse_rfc3339(bad), std::nullopt) << bad;
  }
}

TEST(ParseTime, RefusesTimesOutsideItsRange) {
  EXPECT_EQ(parse_rfc3339("2262-04-11T23:47:16.854775808Z"), std::nullopt);
  EXPECT_EQ(parse_rfc3339("1677-09-21T00:12:43.145224191Z"), std::nullopt);
  EXPECT_EQ(parse_rfc3339("9999-12-31T23:59:59Z"), std::nullopt);
  EXPECT_EQ(parse_rfc3339("0000-01-01T00:00:00Z"), std::nullopt);
  EXPECT_EQ(parse_rfc3339("2262-04-11T23:47:16.854775808+00:01"), kHighest - 60 * kNanosecondsPerSecond + 1);
}

// No byte at any place may be taken for a digit if it is none.
TEST(ParseTime, NeverReadsAForeignByteAsADigit) {
  const std::string good = "2026-01-17T14:30:00.123456789Z";
  for (std::size_t at = 0; at < good.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[at] = static_cast<char>(byte);
      const auto time = parse_rfc3339(changed);
      if (!time || changed == good) continue;
      const bool digit = byte >= '0' && byte <= '9';
      const bool separator = (at == 10 && (byte == 't' || byte == ' ')) || (at == 29 && byte == 'z');
      EXPECT_TRUE(digit || separator) << "byte " << byte << " at " << at;
    }
  }
}

// No matter what was read or written before, the next result is that of the plain functions.
TEST(TimeMemo, IsTheSameAsWithoutMemory) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  detail::TimeReader reader;
  detail::TimeWriter writer;
  Timestamp time = 0;
  for (int i = 0; i < 200'000; ++i) {
    switch (random() % 8) {
      case 0:
        time = static_cast<Timestamp>(random());
        break;
      case 1:
        time = random() % 2 == 0 ? std::numeric_limits<Timestamp>::max() : std::numeric_limits<Timestamp>::min();
        break;
      case 2:
        time = static_cast<Timestamp>(random() % 4) * kNanosecondsPerSecond - kNanosecondsPerSecond;
        break;
      default: {
        const Timestamp steps[] = {1, 1'000, 1'000'000, 100'000'000};
        __builtin_add_overflow(time, steps[random() % 4], &time);
      }
    }
    const Rfc3339 plain = format_rfc3339(time);
    ASSERT_EQ(writer.write(time).view(), plain.view());
    std::string text(plain.view());
    ASSERT_EQ(reader.read(text), time);
    // Damage, often in what is remembered.
    if (random() % 3 == 0) text[random() % text.size()] = "0123456789.:-TZ x"[random() % 17];
    ASSERT_EQ(reader.read(text), parse_rfc3339(text)) << text;
    if (random() % 50 == 0) text.resize(random() % 35, '0');
    ASSERT_EQ(reader.read(text), parse_rfc3339(text)) << text;
  }
}

}  // namespace
}  // namespace towl

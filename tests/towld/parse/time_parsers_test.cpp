// timestamp: times of all usual kinds, in texts and fields.
#include "parse/time_format.hpp"
#include "towld/parse/parse_support.hpp"

namespace towld {
namespace {

using test::expect_refused;
using test::parse;

constexpr towl::Timestamp kTime = 1'768'660'200'000'000'000;  // 2026-01-17T14:30:00Z
constexpr towl::Timestamp kSecond = towl::kNanosecondsPerSecond;
constexpr towl::Timestamp kDay = 86'400 * kSecond;

/// The time that `format` finds in `text`, in UTC, for an entry received at `near`.
std::optional<towl::Timestamp> read(const std::string& format, const std::string& text, towl::Timestamp near = kTime,
                                    const std::string& zone = "UTC") {
  const auto made = TimeFormat::compile(format, zone, "here");
  EXPECT_TRUE(made) << made.error().to_string();
  return made ? made->parse(text, near) : std::nullopt;
}

TEST(TimeFormat, Rfc3339AndItsRelatives) {
  for (const char* text : {"2026-01-17T14:30:00Z", "2026-01-17t15:30:00+01:00 x", "[2026-01-17 14:30:00] x",
                           "2026-01-17 14:30:00,000 INFO", "2026-01-17T14:30:00+0000: x", "2026-01-17 14:30:00 UTC x",
                           "  (2026-01-17T09:00:00-05:30)", "2026-01-17T16:30:00+02|x"}) {
    EXPECT_EQ(read("rfc3339", text), kTime) << text;
  }
  EXPECT_EQ(read("rfc3339", "2026-01-17T14:30:00.123456789Z"), kTime + 123'456'789);
  EXPECT_EQ(read("rfc3339", "2026-01-17 14:30:00,5"), kTime + 500'000'000);
  EXPECT_EQ(read("rfc3339", "2026-01-17 15:30:00", kTime, "Europe/Berlin"), kTime);
  EXPECT_EQ(read("rfc3339", "2026-07-17 16:30:00", kTime, "Europe/Berlin"), read("rfc3339", "2026-07-17T14:30:00Z"));
  for (const char* text :
       {"", "x", "2026-01-17", "2026-02-30T14:30:00Z", "2026-01-17T24:30:00Z", "x 2026-01-17T14:30:00Z",
        "2026-01-17T14:60:00Z", "2026-01-17T14:30:61Z", "9999-01-17T14:30:00Z"}) {
    EXPECT_EQ(read("rfc3339", text), std::nullopt) << text;
  }
}

TEST(TimeFormat, NumbersSinceTheEpoch) {
  EXPECT_EQ(read("unix", "1768660200.25 x"), kTime + 250'000'000);
  EXPECT_EQ(read("unix_ms", "1768660200123"), kTime + 123'000'000);
  EXPECT_EQ(read("unix_us", "[1768660200000001]"), kTime + 1000);
  EXPECT_EQ(read("unix_ns", "1768660200000000001"), kTime + 1);
  EXPECT_EQ(read("unix", "99999999999999999999"), std::nullopt);
  EXPECT_EQ(read("unix", "x"), std::nullopt);
}

TEST(TimeFormat, StrptimesConversions) {
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", "2026-01-17   14:30:00 x"), kTime);
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", "2026-01-17 14:30:00: x"), kTime);
  EXPECT_EQ(read("%Y/%m/%d %T.%f", "2026/01/17 14:30:00.25|x"), kTime + 250'000'000);
  EXPECT_EQ(read("%F %T,%L", "2026-01-17 14:30:00,250"), kTime + 250'000'000);
  EXPECT_EQ(read("%F %T,%f", "2026-01-17 14:30:00,123456789"), kTime + 123'456'789);
  EXPECT_EQ(read("[%d/%b/%Y:%H:%M:%S %z]", "[17/Jan/2026:15:30:00 +0100]"), kTime);
  EXPECT_EQ(read("%d/%b/%Y:%H:%M:%S %z", "[17/Jan/2026:15:30:00 +0100]"), kTime);
  EXPECT_EQ(read("%a, %e %B %Y %I:%M:%S %p %Z", "Sat, 17 January 2026 02:30:00 PM GMT"), kTime);
  EXPECT_EQ(read("%D %R", "01/17/26 14:30"), kTime);
  EXPECT_EQ(read("%FT%T%z", "2026-01-17T15:30:00+01:00x"), kTime);
  EXPECT_EQ(read("%s %%", "1768660200 %"), kTime);
  EXPECT_EQ(read("%Y-%m-%d %H:%M:%S", "2026-01-17 15:30:00", kTime, "Europe/Berlin"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 14:30:00 UTC", kTime, "Europe/Berlin"), kTime);
  EXPECT_EQ(read("%F %T", "2026-02-30 14:30:00"), std::nullopt);
  EXPECT_EQ(read("%F %T", "2026-01-17T14:30:00"), std::nullopt);
  EXPECT_EQ(read("%F %T", ""), std::nullopt);
}

TEST(TimeFormat, WithoutAYearTheLatestThatIsNotInTheFutureIsMeant) {
  EXPECT_EQ(read("%b %e %H:%M:%S", "Jan 17 14:30:00 host x"), kTime);
  EXPECT_EQ(read("%b %e %H:%M:%S", "Feb  3 00:00:00"), read("%F %T", "2025-02-03 00:00:00"));
  const auto new_year = *read("%F %T", "2026-01-01 00:00:05");
  EXPECT_EQ(read("%b %e %T", "Dec 31 23:59:59", new_year), new_year - 6 * kSecond);
  // A clock that runs ahead a little.
  EXPECT_EQ(read("%b %e %T", "Jan  1 00:00:05", new_year - 10 * kSecond), new_year);
  const auto leap = *read("%F %T", "2024-02-29 12:00:00");
  EXPECT_EQ(read("%b %e %T", "Feb 29 12:00:00", leap), leap);
  EXPECT_EQ(read("%b %e %T", "Feb 29 12:00:00", kTime), leap) << "the last leap year";
  EXPECT_EQ(read("%b %e %T", "Feb 29 12:00:00", leap + 3 * 366 * kDay), leap);
  EXPECT_EQ(read("%b %e %T", "Feb 30 12:00:00", kTime), std::nullopt) << "not 2 March";
  EXPECT_EQ(read("%b %e %T", "Jun 31 12:00:00", kTime), std::nullopt);
}

TEST(TimeFormat, WithoutADateTheLatestDayIsMeant) {
  EXPECT_EQ(read("%H:%M:%S", "14:29:00"), kTime - 60 * kSecond);
  EXPECT_EQ(read("%H:%M:%S", "14:31:00"), kTime + 60 * kSecond);
  EXPECT_EQ(read("%H:%M:%S", "23:00:00"), kTime + (8 * 3600 + 1800) * kSecond - kDay);
}

TEST(TimeFormat, AbbreviationsOfZones) {
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 15:30:00 CET x"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 16:30:00 CEST"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 09:30:00 EST]"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 06:30:00 PST"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 23:30:00 Asia/Tokyo"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 16:30:00 IST", kTime, "Asia/Jerusalem"), kTime) << "as the zone itself has it";
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 20:00:00 IST"), kTime);
  EXPECT_EQ(read("%b %e %T %Z %Y", "Jan 17 15:30:00 CET 2026"), kTime);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 14:30:00 QQQ"), std::nullopt);
  EXPECT_EQ(read("%F %T %Z", "2026-01-17 14:30:00 "), std::nullopt);
}

TEST(TimeFormat, AnHourThatComesTwiceIsTheOneNearest) {
  // Berlin's clocks went back from 3:00 to 2:00 on 2026-10-25, at 01:00 UTC.
  const auto first = *read("%F %T", "2026-10-25 00:30:00");
  const auto second = first + 3600 * kSecond;
  for (const char* format : {"%F %T", "rfc3339"}) {
    EXPECT_EQ(read(format, "2026-10-25 02:30:00", first + 5 * kSecond, "Europe/Berlin"), first) << format;
    EXPECT_EQ(read(format, "2026-10-25 02:30:00", second + 5 * kSecond, "Europe/Berlin"), second) << format;
  }
  EXPECT_EQ(read("%b %e %T", "Oct 25 02:30:00", second, "Europe/Berlin"), second);
  EXPECT_EQ(read("%T", "02:30:00", second, "Europe/Berlin"), second);
  EXPECT_EQ(read("%F %T %Z", "2026-10-25 02:30:00 CEST", second, "Europe/Berlin"), first);
  EXPECT_EQ(read("%F %T %Z", "2026-10-25 02:30:00 CET", first, "Europe/Berlin"), second);
}

TEST(TimeFormat, CompactFormatsAndHoursOfTwelve) {
  EXPECT_EQ(read("%Y%m%d%H%M%S", "20260117143000"), kTime);
  EXPECT_EQ(read("%y%m%d %H:%M:%S", "260117 14:30:00"), kTime);
  EXPECT_EQ(read("%F %I:%M %p", "2026-01-17 02:30 pm"), kTime);
  EXPECT_EQ(read("%F %I:%M %p", "2026-01-17 12:30 AM"), kTime - 14 * 3600 * kSecond);
  EXPECT_EQ(read("%F %I:%M %p", "2026-01-17 13:30 PM"), std::nullopt);
  EXPECT_EQ(read("%d %B %Y %R", "17 Sept 2026 14:30"), read("%F %R", "2026-09-17 14:30"));
}

TEST(TimestampParser, SetsTheEntrysTimeAndKeepsTheText) {
  const auto parsed = parse("[{ type: timestamp, format: rfc3339 }]", std::string("2026-01-17T14:30:00Z hello"));
  EXPECT_EQ(parsed.draft.time, kTime);
  EXPECT_EQ(parsed.draft.text, "2026-01-17T14:30:00Z hello");
  EXPECT_TRUE(parsed.draft.fields.empty());
  EXPECT_EQ(parsed.draft.received, 0) << "when it arrived is no parser's business";
  EXPECT_FALSE(parsed.draft.is_time_unreadable);
  expect_refused("[{ type: timestamp, format: rfc3339 }]", "hello");
  EXPECT_TRUE(parse("[{ type: timestamp, format: rfc3339 }]", std::string("hello")).draft.is_time_unreadable);
}

TEST(TimestampParser, AFieldsTimeReplacesTheSourcesAsWell) {
  const auto parsed = parse("[logfmt, { type: timestamp, field: at, format: unix_ms }]",
                            std::string("_SOURCE_REALTIME_TIMESTAMP=1577836800000000 at=1768660200000"));
  EXPECT_EQ(parsed.draft.time, kTime);
  EXPECT_EQ(parsed.field("_SOURCE_REALTIME_TIMESTAMP"), "1768660200000000");
  EXPECT_TRUE(parse("[{ type: timestamp, field: none, format: unix }]", std::string("1")).failed);
}

}  // namespace
}  // namespace towld

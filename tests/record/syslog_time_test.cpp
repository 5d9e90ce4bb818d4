#include "towl/record/syslog_time.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towl {
namespace {

Timestamp at(std::string_view text) { return towl::parse_rfc3339(text).value(); }

TimeZone zone(const std::string& name) { return TimeZone::load(name).value(); }

/// The instant that `text` is when it arrives at `received`, or what went wrong.
std::string instant(std::string_view text, const std::string& received = "2026-11-21T10:00:00Z",
                    const std::string& zone_name = "UTC") {
  std::string_view rest = text;
  const auto time = take_syslog_time(rest, at(received), zone(zone_name));
  if (!time) return rest == text ? "no time" : "no time, but something was taken";
  std::string shown = time->instant ? std::string(towl::format_rfc3339(*time->instant).view()) : "no such date";
  if (time->text.size() + rest.size() != text.size()) shown += ", and something is lost";
  if (!rest.empty()) shown += "|" + std::string(rest);
  return shown;
}

TEST(SyslogTime, Rfc3339AndWhatIsSentForIt) {
  EXPECT_EQ(instant("2026-11-21T09:59:59.123456Z host"), "2026-11-21T09:59:59.123456Z| host");
  EXPECT_EQ(instant("2026-11-21T09:59:59+01:00"), "2026-11-21T08:59:59Z");
  EXPECT_EQ(instant("2026-11-21T09:59:59.5-0330"), "2026-11-21T13:29:59.500Z");
  EXPECT_EQ(instant("2026-11-21T09:59:59+01"), "2026-11-21T08:59:59Z");
  EXPECT_EQ(instant("2026-11-21 09:59:59,250 app"), "2026-11-21T09:59:59.250Z| app");
  EXPECT_EQ(instant("2026-11-21T09:59:59", "2026-11-21T09:00:00Z", "Asia/Tokyo"), "2026-11-21T00:59:59Z");
  EXPECT_EQ(instant("2026-11-21T09:59:59.123456789123Z"), "2026-11-21T09:59:59.123456789Z");
  EXPECT_EQ(instant("2026-12-31T23:59:60Z"), "2027-01-01T00:00:00Z");
}

TEST(SyslogTime, TheTimesOfRfc3164AndOfDevices) {
  EXPECT_EQ(instant("Nov 21 09:59:59 host"), "2026-11-21T09:59:59Z| host");
  EXPECT_EQ(instant("Nov  1 09:59:59"), "2026-11-01T09:59:59Z");
  EXPECT_EQ(instant("Nov 1 09:59:59"), "2026-11-01T09:59:59Z");
  EXPECT_EQ(instant("NOV 01 09:59:59"), "2026-11-01T09:59:59Z");
  EXPECT_EQ(instant("Nov 21 09:59:59.125 x"), "2026-11-21T09:59:59.125Z| x");
  EXPECT_EQ(instant("Nov 21 2024 09:59:59: %ASA"), "2024-11-21T09:59:59Z| %ASA");
  EXPECT_EQ(instant("2024 Nov 21 09:59:59 x"), "2024-11-21T09:59:59Z| x");
  EXPECT_EQ(instant("Nov 21 09:59:59 2024 x"), "2024-11-21T09:59:59Z| x");
  EXPECT_EQ(instant("*Mar  1 00:01:02.003: %SYS"), "2026-03-01T00:01:02.003Z| %SYS");
  EXPECT_EQ(instant(".Nov 21 09:59:59.003 UTC: %SYS", "2026-11-21T10:00:00Z", "Asia/Tokyo"),
            "2026-11-21T09:59:59.003Z| %SYS");
}

TEST(SyslogTime, AbbreviationsOfZones) {
  constexpr const char* kNear = "2026-11-21T10:00:00Z";
  EXPECT_EQ(instant("Nov 21 00:20:10 CET: %SYS"), "2026-11-20T23:20:10Z| %SYS");
  EXPECT_EQ(instant("*Nov 21 2026 00:20:10.5 EST: %SYS"), "2026-11-21T05:20:10.500Z| %SYS");
  EXPECT_EQ(instant("2026 Nov 21 09:20:10 JST: %ETHPORT"), "2026-11-21T00:20:10Z| %ETHPORT");
  EXPECT_EQ(instant(":Sep 14 00:20:10 UTC: %FTD"), "2026-09-14T00:20:10Z| %FTD");
  EXPECT_EQ(instant(": Sep 14 2026 00:20:10 UTC: %FTD"), "2026-09-14T00:20:10Z| %FTD");
  EXPECT_EQ(instant("Nov 21 00:20:10 CET web-1 app: x"), "2026-11-20T23:20:10Z| web-1 app: x");
  EXPECT_EQ(instant("Nov 21 00:20:10 CET 2026 web-1"), "2026-11-20T23:20:10Z| web-1");
  EXPECT_EQ(instant("Nov 21 00:20:10 IST: x", kNear, "Asia/Jerusalem"), "2026-11-20T22:20:10Z| x");
  // Hosts and tags.
  EXPECT_EQ(instant("Nov 21 00:20:10 MSK sshd: x"), "2026-11-21T00:20:10Z| MSK sshd: x");
  EXPECT_EQ(instant("Nov 21 00:20:10 CRON: x"), "2026-11-21T00:20:10Z| CRON: x");
  EXPECT_EQ(instant("Nov 21 00:20:10 CET"), "2026-11-21T00:20:10Z| CET");
}

TEST(SyslogTime, TheYearIsTheLastThatIsNotFarAhead) {
  EXPECT_EQ(instant("Dec 31 23:59:59", "2027-01-01T00:00:01Z"), "2026-12-31T23:59:59Z");
  EXPECT_EQ(instant("Jan  1 00:00:01", "2026-12-31T23:59:59Z"), "2027-01-01T00:00:01Z");
  EXPECT_EQ(instant("Dec  1 00:00:00", "2027-02-01T00:00:00Z"), "2026-12-01T00:00:00Z");
  EXPECT_EQ(instant("Feb 29 12:00:00", "2025-01-01T00:00:00Z"), "2024-02-29T12:00:00Z");
  EXPECT_EQ(instant("Feb 29 12:00:00", "2026-06-01T00:00:00Z"), "2024-02-29T12:00:00Z");
  EXPECT_EQ(instant("Feb 29 12:00:00", "1904-01-01T00:00:00Z"), "1896-02-29T12:00:00Z");
  EXPECT_EQ(instant("Dec 21 12:00:00", "2026-11-21T00:00:00Z"), "2026-12-21T12:00:00Z");
  EXPECT_EQ(instant("Dec 24 12:00:00", "2026-11-21T00:00:00Z"), "2025-12-24T12:00:00Z");
}

TEST(SyslogTime, AnHourThatComesTwiceIsTheOneNearest) {
  // Berlin's clocks went back from 3:00 to 2:00 on 2026-10-25, at 01:00 UTC.
  EXPECT_EQ(instant("Oct 25 02:30:00", "2026-10-25T00:30:05Z", "Europe/Berlin"), "2026-10-25T00:30:00Z");
  EXPECT_EQ(instant("Oct 25 02:30:00", "2026-10-25T01:30:05Z", "Europe/Berlin"), "2026-10-25T01:30:00Z");
  // And 2026-03-29 has no 2:30.
  EXPECT_EQ(instant("Mar 29 02:30:00", "2026-03-29T01:30:00Z", "Europe/Berlin"), "2026-03-29T01:30:00Z");
}

TEST(SyslogTime, WhatIsNoTimeIsLeftAlone) {
  for (const char* text : {"",
                           "N",
                           "Nov",
                           "Nov 21",
                           "Nov 21 09:59",
                           "Nov 21 09:59:5",
                           "Nov 21 09:59:599",
                           "Nov 211 09:59:59",
                           "November 21 09:59:59",
                           "Now 21 09:59:59",
                           "2026-11-21",
                           "2026-11-21T09:59:59Zulu",
                           "2026-11-21T09:59:59+1",
                           "2026-11-21T09:59:59+24:00",
                           "20261121T095959Z",
                           "hello",
                           "Nov 21 09:59:59x",
                           "*",
                           "2026 ",
                           "....-"}) {
    EXPECT_EQ(instant(text), "no time") << text;
  }
  EXPECT_EQ(instant("Nov 31 09:59:59"), "no such date");
  EXPECT_EQ(instant("Nov 21 24:59:59"), "no such date");
  EXPECT_EQ(instant("0000-00-00T00:00:00Z"), "no time");
  EXPECT_EQ(instant("9999-01-01T00:00:00Z"), "no such date");
}

// A time that is remembered is only taken for the same text that arrives in the same second, and no more follows.
TEST(SyslogTime, WhatIsRememberedIsWhatWouldBeRead) {
  const TimeZone berlin = zone("Europe/Berlin");
  SyslogTimeCache cache;
  for (const char* arrival : {"2026-10-25T00:30:05Z", "2026-10-25T01:30:05Z", "2027-01-01T00:00:00Z"}) {
    for (const char* text :
         {"Oct 25 02:30:00 host", "Oct 25 02:30:00 host", "Oct 25 02:30:00 2020 host", "Oct 25 02:30:00 UTC: x",
          "Oct 25 02:30:00: x", "Oct 25 02:30:00", "Dec 31 23:59:59 host", "Feb 31 00:00:00 host",
          "Oct 5 02:30:00 ab c", "Oct 25 02:30:00.5 host", "Oct 25 02:30:00 host"}) {
      std::string_view rest = text;
      std::string_view expected_rest = text;
      const auto time = take_syslog_time(rest, at(arrival), berlin, &cache);
      const auto expected = take_syslog_time(expected_rest, at(arrival), berlin);
      ASSERT_EQ(time.has_value(), expected.has_value()) << text;
      EXPECT_EQ(rest, expected_rest);
      EXPECT_EQ(time->text, expected->text);
      EXPECT_EQ(time->instant, expected->instant) << text << " at " << arrival;
      EXPECT_EQ(time->is_instant, expected->is_instant);
    }
  }
}

TEST(SyslogTime, AnUnknownZoneIsAClearError) {
  const auto unknown = TimeZone::load("Europe/Atlantis");
  ASSERT_FALSE(unknown);
  EXPECT_NE(unknown.error().message.find("Europe/Atlantis"), std::string::npos);
  EXPECT_TRUE(TimeZone::load(""));
}

}  // namespace
}  // namespace towl

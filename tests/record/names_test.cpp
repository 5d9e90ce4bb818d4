#include "towl/record/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towl {
namespace {

Meaning meaning(std::string_view name) { return meaning_of(name).meaning; }

TEST(Names, ProgramsAndProtocolsHaveTheirOwn) {
  for (const char* name :
       {"MESSAGE", "message", "msg", "Message", "short_message", "log", "body", "Body", "@m", "event"}) {
    EXPECT_EQ(meaning(name), Meaning::message) << name;
  }
  for (const char* name : {"PRIORITY", "level", "Level", "LEVEL", "severity", "lvl", "log.level", "severityText",
                           "SeverityNumber", "levelname", "level_value", "@l", "s"}) {
    EXPECT_EQ(meaning(name), Meaning::level) << name;
  }
  for (const char* name : {"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP", "time", "ts", "timestamp", "Timestamp",
                           "@timestamp", "@t", "timeUnixNano", "eventTime", "asctime", "t"}) {
    EXPECT_EQ(meaning(name), Meaning::time) << name;
  }
  for (const char* name : {"_HOSTNAME", "host", "hostname", "sender", "host.name"}) {
    EXPECT_EQ(meaning(name), Meaning::sender) << name;
  }
  for (const char* name : {"_SYSTEMD_UNIT", "UNIT", "unit", "service.name"}) {
    EXPECT_EQ(meaning(name), Meaning::unit) << name;
  }
  for (const std::string& name :
       {std::string(), std::string("x"), std::string("messages"), std::string("_hostname"),
        std::string("__realtime_timestamp"), std::string(1000, 'm'), std::string("m\0g", 3)}) {
    EXPECT_EQ(meaning(name), Meaning::none) << name;
  }
}

TEST(Names, TheJournalsOwnComeFirst) {
  EXPECT_LT(meaning_of("MESSAGE").rank, meaning_of("message").rank);
  EXPECT_LT(meaning_of("message").rank, meaning_of("msg").rank);
  EXPECT_LT(meaning_of("PRIORITY").rank, meaning_of("level").rank);
  EXPECT_TRUE(meaning_of("PRIORITY").is_journals);
  EXPECT_FALSE(meaning_of("priority").is_journals);
  EXPECT_EQ(meaning_of("severityNumber").scale, LevelScale::opentelemetry);
  EXPECT_EQ(meaning_of("__REALTIME_TIMESTAMP").unit_ns, 1000);
}

}  // namespace
}  // namespace towl

#include "towl/record/level.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towl {
namespace {

TEST(Level, AnyUsualSpellingIsKnown) {
  EXPECT_EQ(parse_level("emerg"), 0);
  EXPECT_EQ(parse_level("EMERG"), 0);
  EXPECT_EQ(parse_level("ALERT"), 1);
  EXPECT_EQ(parse_level("Fatal"), 2);
  EXPECT_EQ(parse_level("critical"), 2);
  EXPECT_EQ(parse_level(" [error]:"), 3);
  EXPECT_EQ(parse_level("W"), 4);
  EXPECT_EQ(parse_level("warn"), 4);
  EXPECT_EQ(parse_level("notice"), 5);
  EXPECT_EQ(parse_level("INFORMATIONAL"), 6);
  EXPECT_EQ(parse_level("trace"), 7);
  EXPECT_EQ(parse_level("<3>"), 3);
  for (const char* none : {"", "[]", "8", "-1", "100", "99999999999999999999", "high", "informationally", "3.5"}) {
    EXPECT_EQ(parse_level(none), std::nullopt) << none;
  }
}

TEST(Level, NumbersAreOfAScale) {
  EXPECT_EQ(parse_level("50"), 3);
  EXPECT_EQ(parse_level("50", LevelScale::python), 2);
  EXPECT_EQ(parse_level("20"), 7);
  EXPECT_EQ(parse_level("20", LevelScale::python), 6);
  EXPECT_EQ(parse_level("3", LevelScale::python), 3);
  EXPECT_EQ(parse_level("9", LevelScale::opentelemetry), 6);
  EXPECT_EQ(parse_level("17", LevelScale::opentelemetry), 3);
  EXPECT_EQ(parse_level("24", LevelScale::opentelemetry), 2);
  EXPECT_EQ(parse_level("25", LevelScale::opentelemetry), std::nullopt);
  EXPECT_EQ(parse_level("20000", LevelScale::logback), 6);
  EXPECT_EQ(parse_level("20000"), std::nullopt);
}

std::string range(std::string_view text) {
  const auto range = parse_level_range(text);
  return range ? std::to_string(range->most_severe) + "-" + std::to_string(range->least_severe) : "error";
}

TEST(Level, RangesAreJournalctls) {
  EXPECT_EQ(range("err"), "0-3");
  EXPECT_EQ(range("critical"), "0-2");
  EXPECT_EQ(range("W"), "0-4");
  EXPECT_EQ(range("7"), "0-7");
  EXPECT_EQ(range("err..alert"), "1-3");
  EXPECT_EQ(range("alert..err"), "1-3");
  EXPECT_EQ(range("warn..fatal"), "2-4");
  EXPECT_EQ(range("err..err"), "3-3");
  for (const char* none : {"", "bad", "err..", "..err", "err..bad", "err...alert", "err,alert"}) {
    EXPECT_EQ(range(none), "error") << none;
  }
  for (Level level = kMostSevere; level <= kLeastSevere; ++level) EXPECT_EQ(parse_level(level_name(level)), level);
}

}  // namespace
}  // namespace towl

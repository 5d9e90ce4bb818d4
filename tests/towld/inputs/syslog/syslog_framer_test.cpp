#include "inputs/syslog/framer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace towld {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;

constexpr std::size_t kLimit = 40;

/// The messages of a stream that comes in pieces of `piece` bytes; those that are cut with "…" and their length; the
/// rest of a broken one after "!", of an unfinished one after "?".
std::vector<std::string> messages(std::string_view stream, std::size_t piece = 1'000'000) {
  Framer framer(kLimit);
  std::vector<std::string> all;
  const auto add = [&](const char* mark, const Frame& frame) {
    all.push_back(mark + std::string(frame.message) + (frame.is_cut() ? "…" + std::to_string(frame.bytes) : ""));
  };
  while (!stream.empty()) {
    std::string_view input = stream.substr(0, piece);
    stream.remove_prefix(input.size());
    Frame frame;
    for (;;) {
      const Framer::Step step = framer.next(input, frame);
      if (step == Framer::Step::more) break;
      add(step == Framer::Step::broken ? "!" : "", frame);
      if (step == Framer::Step::broken) return all;
    }
    EXPECT_TRUE(input.empty());
    EXPECT_LE(framer.held_bytes(), 4 * kLimit);
  }
  if (const auto frame = framer.finish()) add("?", *frame);
  return all;
}

TEST(Framer, CountedMessagesAndLinesAreToldApartByTheirFirstByte) {
  EXPECT_THAT(messages("5 <1>ab3 x\nz<2>line\n4 <3>c"), ElementsAre("<1>ab", "x\nz", "<2>line", "<3>c"));
  EXPECT_THAT(messages("<1>a\r\n<2>b\n\n\n<3>c\n"), ElementsAre("<1>a", "<2>b", "<3>c"));
  EXPECT_THAT(messages("plain words\n-1 <3>x\n"), ElementsAre("plain words", "-1 <3>x"));
  EXPECT_THAT(messages("3 a\0b<1>\0\n"s), ElementsAre("a\0b"s, "<1>"s));
}

// Python's SysLogHandler ends messages like this.
TEST(Framer, NulEndsAMessageAsANewlineDoes) {
  EXPECT_THAT(messages("<1>a\0<2>b\0\0<3>c\n\0<4>d\0\n<5>e"s), ElementsAre("<1>a", "<2>b", "<3>c", "<4>d", "?<5>e"));
  EXPECT_THAT(messages("5 <1>ab\0"
                       "5 <1>cd\0"s),
              ElementsAre("<1>ab", "<1>cd"));
  EXPECT_THAT(messages("12x\0<2>b\r\0"s), ElementsAre("12x", "<2>b"));
}

// rsyslog counts the newline that it appends; others append one that they did not count.
TEST(Framer, ANewlineBehindACountedMessageMayBeCountedOrNot) {
  EXPECT_THAT(messages("6 <1>ab\n6 <1>cd\n"), ElementsAre("<1>ab\n", "<1>cd\n"));
  EXPECT_THAT(messages("5 <1>ab\n5 <1>cd\n"), ElementsAre("<1>ab", "<1>cd"));
}

TEST(Framer, WhereAStreamIsSplitDoesNotMatter) {
  const std::string long_line(100, 'l');
  const std::string stream = "5 <1>ab<2>line\r\n\n11 <3>counted\n\n100 " + std::string(100, 'c') + "<4>" + long_line +
                             "\n<5>\0<6> \xFF\n7 "s + "unfini";
  const auto whole = messages(stream);
  ASSERT_THAT(whole, ElementsAre("<1>ab", "<2>line", "<3>counted\n", std::string(40, 'c') + "…100",
                                 "<4>" + std::string(37, 'l') + "…103", "<5>", "<6> \xFF", "?unfini…7"));
  for (std::size_t piece = 1; piece < stream.size(); ++piece) {
    SCOPED_TRACE(piece);
    EXPECT_EQ(messages(stream, piece), whole);
  }
}

TEST(Framer, ABrokenCountEndsAConnectionThatCounted) {
  for (const std::string broken :
       {"0 <1>x", "007 <1>x", "-1 <1>x", "12x", "99999999999999999999 <1>x", "1234567890 <1>x", "x"}) {
    EXPECT_THAT(messages("5 <1>ab" + broken), ElementsAre("<1>ab", "!" + broken)) << broken;
    EXPECT_EQ(messages("5 <1>ab" + broken, 1).front(), "<1>ab");
  }
}

// Somebody pipes lines into a port. No matter what they begin with, they are lines.
TEST(Framer, WhatIsNoCountIsALineWhereNothingWasCounted) {
  for (const std::string line : {"0 <1>x", "007 <1>x", "12x", "99999999999999999999 <1>x", "1795255080.123 GET /",
                                 "2026-11-21T10:00:00Z x", "7"}) {
    EXPECT_THAT(messages(line + "\n<2>y\n"), ElementsAre(line, "<2>y")) << line;
    EXPECT_THAT(messages(line + "\n<2>y\n", 1), ElementsAre(line, "<2>y")) << line;
  }
}

TEST(Framer, ALengthThatIsAnnouncedCostsNoMemory) {
  Framer framer(std::size_t{1} << 20);
  std::string_view input = "999999999 <1>x";
  Frame frame;
  EXPECT_EQ(framer.next(input, frame), Framer::Step::more);
  EXPECT_LE(framer.held_bytes(), 100u);
  const auto rest = framer.finish();
  ASSERT_TRUE(rest);
  EXPECT_EQ(rest->message, "<1>x");
  EXPECT_EQ(rest->bytes, 999'999'999u);
}

TEST(Framer, MemoryIsGivenBackOnceAMessageIsDone) {
  Framer framer(std::size_t{1} << 20);
  const std::string long_line(1 << 19, 'x');
  std::string_view input = long_line;
  Frame frame;
  EXPECT_EQ(framer.next(input, frame), Framer::Step::more);
  EXPECT_GE(framer.held_bytes(), long_line.size());
  input = "\n";
  EXPECT_EQ(framer.next(input, frame), Framer::Step::frame);
  EXPECT_EQ(frame.message, long_line);
  input = "<";
  EXPECT_EQ(framer.next(input, frame), Framer::Step::more);
  EXPECT_LT(framer.held_bytes(), 100u);
}

TEST(Framer, TheLastLineNeedsNoNewline) {
  EXPECT_THAT(messages("<1>a\n<2>b"), ElementsAre("<1>a", "?<2>b"));
  EXPECT_THAT(messages("<1>a\n"), ElementsAre("<1>a"));
  EXPECT_THAT(messages("12"), ElementsAre("?12"));
  EXPECT_THAT(messages(""), ElementsAre());
}

}  // namespace
}  // namespace towld

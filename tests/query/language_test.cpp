#include "towl/query/language.hpp"

#include <gmock/gmock.h>

#include "towl/query/entry_test.hpp"

namespace towl {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr Timestamp kNow = 1'768'660'200'000'000'000;  // 2026-01-17T14:30:00Z

std::string printed(std::string_view text) {
  const auto query = parse_query(text, kNow, TimeZone());
  return query ? to_text(*query) : query.error().message;
}

// What is printed reads back as the same, and means the same.
void expect_round_trip(std::string_view text) {
  const auto query = parse_query(text, kNow, TimeZone());
  ASSERT_TRUE(query) << text << ": " << query.error().message;
  const std::string once = to_text(*query);
  const auto again = parse_query(once, kNow, TimeZone());
  ASSERT_TRUE(again) << text << " became " << once << ": " << again.error().message;
  EXPECT_EQ(again->expression, query->expression) << text << " became " << once;
  EXPECT_EQ(to_text(*again), once);
}

TEST(Language, WhatIsTakenPrintsItselfBack) {
  for (const char* text : {"*",
                           "error",
                           "error disk",
                           "error and disk or not foo",
                           "\"disk full\" -foo !bar",
                           "err* \"disk fu\"* *any* ",
                           "i(Error) i(\"disk full\"*) i(*ful*)",
                           "sender:web-1 level:error level:>=warning level:err..alert",
                           "_msg:~\"a+ b\" ~`\\d+` _raw:=\"x\" _msg:=\"abc\"*",
                           "status:>=500 status:<600 bytes:>5KiB took:range(1ms, 2s] x:range[-5, inf)",
                           "user:in(a, \"b c\") _msg:contains_all(a, b) contains_any(a, b)",
                           "seq(\"a\", b) len_range(5, 10) user:\"\" user:*",
                           "_time:5m error",
                           "_time:2026-01 or _time:[2026-01-01, 2026-02-01) or _time:>2026-01-17T14:00:00Z",
                           "user:(a or b) and not (c d)",
                           "_title:syslog _file:00112233445566778899aabbccddeeff _ordinal:7",
                           "grep(\"-iw\", \"foo\", \"b.r\") unit:glob(\"ssh*\")",
                           "* | fields _time, _msg | limit 5",
                           "error | stats by (level, _time:5m) count() as n, count_uniq(user) u, quantile(0.99, took)",
                           "* | sort by (_time desc, user) limit 10 offset 2 | uniq by (user) with hits limit 4",
                           "* | top 5 by (sender) | head",
                           "* | count() n"}) {
    SCOPED_TRACE(text);
    expect_round_trip(text);
  }
}

TEST(Language, PrecedenceIsNotAndOr) {
  EXPECT_EQ(printed("a b or c"), "((a b) or c)");
  EXPECT_EQ(printed("not a b"), "(!(a) b)");
  EXPECT_EQ(printed("user:(a or b)"), "(user:a or user:b)");
  EXPECT_EQ(printed("a AND b OR NOT c"), "((a b) or !(c))");
  EXPECT_EQ(printed("# a comment\na"), "a");
}

TEST(Language, ErrorsHaveAColumn) {
  EXPECT_THAT(printed(""), StartsWith("column 1: "));
  EXPECT_THAT(printed("a (b"), StartsWith("column 5: a ) is missing"));
  EXPECT_THAT(printed("a | nonsense"), StartsWith("column 5: \"nonsense\" is no pipe"));
  EXPECT_THAT(printed("a | stats foo()"), StartsWith("column 11: "));
  EXPECT_THAT(printed("{app=\"x\"}"), HasSubstr("sender:NAME"));
  EXPECT_THAT(printed("_stream:x"), HasSubstr("there are no streams"));
  EXPECT_THAT(printed("x:ipv4_range(1.2.3.4)"), HasSubstr("not supported"));
  EXPECT_THAT(printed("a \"b"), HasSubstr("no end"));
  EXPECT_THAT(printed("_time:never"), HasSubstr("is no time"));
  EXPECT_THAT(printed("x:>abc"), HasSubstr("is no number"));
  EXPECT_THAT(printed("a ) b"), StartsWith("column 3: "));
  EXPECT_THAT(printed(std::string(200, '(')), HasSubstr("nested too deeply"));
  EXPECT_THAT(printed(std::string(kMaxQueryBytes + 1, 'a')), HasSubstr("64 KiB"));
}

TEST(Language, TimesAreInstantsOrAllOfAPeriod) {
  EXPECT_EQ(printed("_time:2026-01-17"), "_time:[2026-01-17T00:00:00Z, 2026-01-18T00:00:00Z)");
  EXPECT_EQ(printed("_time:2026"), "_time:[2026-01-01T00:00:00Z, 2027-01-01T00:00:00Z)");
  EXPECT_EQ(printed("_time:2025-12"), "_time:[2025-12-01T00:00:00Z, 2026-01-01T00:00:00Z)");
  EXPECT_EQ(printed("_time:2026-01-17T14:30+01:00"), "_time:[2026-01-17T13:30:00Z, 2026-01-17T13:31:00Z)");
  EXPECT_EQ(printed("_time:[2026-01-17, 2026-01-18]"), "_time:[2026-01-17T00:00:00Z, 2026-01-19T00:00:00Z)");
  EXPECT_EQ(printed("_time:>=2026-01-17T14:30:00Z"), "_time:>=2026-01-17T14:30:00Z");
  EXPECT_EQ(printed("_time:5m"), "_time:[2026-01-17T14:25:00Z, 2026-01-17T14:30:00.000000001Z)");
  EXPECT_EQ(printed("_time:>1h"), "_time:<2026-01-17T13:30:00Z");
}

bool passes(std::string_view filter, std::string_view text, LogFormat format = LogFormat::text,
            std::string_view sender = "web-1") {
  const auto expression = parse_expression(filter, kNow, TimeZone());
  EXPECT_TRUE(expression) << filter << ": " << expression.error().message;
  if (!expression) return false;
  auto test = EntryTest::create(*expression);
  EXPECT_TRUE(test) << filter << ": " << test.error().message;
  return test && test->passes({sender, kNow, format, text});
}

TEST(Language, FiltersMeanWhatLogsQlSays) {
  EXPECT_TRUE(passes("error", "an error: x"));
  EXPECT_FALSE(passes("error", "errors"));
  EXPECT_FALSE(passes("error", "Error"));
  EXPECT_FALSE(passes("error", "\u00e9rror error\u00e9"));
  EXPECT_TRUE(passes("err*", "errors"));
  EXPECT_FALSE(passes("rror*", "errors"));
  EXPECT_TRUE(passes("*rro*", "errors"));
  EXPECT_TRUE(passes("\"disk full\"", "x disk full."));
  EXPECT_FALSE(passes("\"disk full\"", "disk  full"));
  EXPECT_TRUE(passes("i(ERROR)", "an Error"));
  EXPECT_TRUE(passes("=\"an error\"", "an error"));
  EXPECT_FALSE(passes("=error", "an error"));
  EXPECT_TRUE(passes("=\"an\"*", "an error"));
  EXPECT_TRUE(passes("~\"er+or\"", "an error"));
  EXPECT_TRUE(passes("!~\"^x\"", "an error"));
  EXPECT_TRUE(passes("seq(a, c)", "a b c"));
  EXPECT_FALSE(passes("seq(c, a)", "a b c"));
  EXPECT_TRUE(passes("len_range(3, 3)", "\u00e9bc"));
  EXPECT_TRUE(passes("sender:web*", "x"));
  EXPECT_FALSE(passes("sender:we", "x"));
  EXPECT_TRUE(passes("*:web", "x", LogFormat::text, "web"));
  EXPECT_TRUE(passes("a or b -c", "b"));
  EXPECT_FALSE(passes("a or b -c", "b c"));
}

constexpr std::string_view kRecord =
    R"({"MESSAGE":"it failed\u0021","PRIORITY":"3","user":"anna","status":503,"took":"1.5s","tags":["x","y z"],"o":{"a": 1}})";

TEST(Language, FieldsAreThoseOfTheEntry) {
  const auto record = [](std::string_view filter) { return passes(filter, kRecord, LogFormat::journal_json); };
  EXPECT_TRUE(record("failed"));
  EXPECT_TRUE(record("\"failed!\""));
  EXPECT_FALSE(record("anna"));
  EXPECT_TRUE(record("user:anna"));
  EXPECT_TRUE(record("*:anna"));
  EXPECT_TRUE(record("_raw:anna"));
  EXPECT_FALSE(record("MESSAGE"));
  EXPECT_TRUE(record("_raw:MESSAGE"));
  EXPECT_TRUE(record("level:error"));
  EXPECT_TRUE(record("level:err"));
  EXPECT_TRUE(record("level:>=warning"));
  EXPECT_FALSE(record("level:>error"));
  EXPECT_TRUE(record("level:in(error, crit)"));
  EXPECT_TRUE(record("status:>=500"));
  EXPECT_TRUE(record("status:range[500, 600)"));
  EXPECT_FALSE(record("status:<500"));
  EXPECT_TRUE(record("took:>1s"));
  EXPECT_FALSE(record("took:>2s"));
  EXPECT_TRUE(record("tags:y"));
  EXPECT_TRUE(record("tags:=x"));
  EXPECT_TRUE(record("o:=`{\"a\":1}`"));
  EXPECT_TRUE(record("user:* nobody:\"\""));
  EXPECT_FALSE(record("nobody:*"));
  EXPECT_TRUE(record("user:in(bob, anna)"));
  EXPECT_TRUE(record("_HOSTNAME:=web-1"));
}

}  // namespace
}  // namespace towl

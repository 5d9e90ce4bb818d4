// json and logfmt, and the meaning of the members that they find.
#include "towld/parse/parse_support.hpp"

namespace towld {
namespace {

using test::expect_refused;
using test::Fields;
using test::parse;

TEST(JsonParser, MembersBecomeFieldsAndTheMessageTheText) {
  const auto parsed = parse("[json]", std::string(R"({"msg":"it \"works\"\n\u00e9","n":1.50,"ok":true,"no":null,
      "deep":{"a":[1, {"b":"c"}]},"big":123456789012345678901234567890})"));
  EXPECT_FALSE(parsed.failed);
  EXPECT_EQ(parsed.draft.text, "it \"works\"\n\u00e9");
  EXPECT_EQ(parsed.fields(), (Fields{{"n", "1.50"},
                                     {"ok", "true"},
                                     {"no", "null"},
                                     {"deep", R"({"a":[1, {"b":"c"}]})"},
                                     {"big", "123456789012345678901234567890"}}));
  for (const Field& field : parsed.draft.fields) EXPECT_TRUE(field.is_json);
}

TEST(JsonParser, WithoutAMessageTheFieldsAreAll) {
  const auto parsed = parse("[json]", std::string(R"({"a":"b"})"));
  EXPECT_EQ(parsed.draft.text, "");
  EXPECT_EQ(parsed.fields(), (Fields{{"a", "b"}}));
  std::string stored;
  encode_draft(parsed.draft, stored);
  EXPECT_EQ(stored, R"({"a":"b"})");
}

TEST(JsonParser, OfSeveralMessagesTheFirstOfTheUsualNamesIsTaken) {
  const auto parsed = parse("[json]", std::string(R"({"log":"c","msg":"b","message":"a"})"));
  EXPECT_EQ(parsed.draft.text, "a");
  EXPECT_EQ(parsed.fields(), (Fields{{"log", "c"}, {"msg", "b"}}));
  // One that is no string is no message.
  EXPECT_EQ(parse("[json]", std::string(R"({"message":{"x":1},"msg":"b"})")).draft.text, "b");
}

TEST(JsonParser, TheJournalsBytesAreDecoded) {
  const auto parsed = parse("[json]", std::string(R"({"MESSAGE":[104,105,255],"OTHER":[1,2]})"));
  EXPECT_EQ(parsed.draft.text, "hi\xff");
  EXPECT_EQ(parsed.fields(), (Fields{{"OTHER", "[1,2]"}}));
}

TEST(JsonParser, LevelAndTimeAreKnownByTheirUsualNamesAndKept) {
  const auto parsed =
      parse("[json]", std::string(R"({"message":"x","severity":"WARN","@timestamp":"2026-01-17T14:30:00.5Z"})"));
  EXPECT_EQ(parsed.fields(), (Fields{{"severity", "WARN"},
                                     {"PRIORITY", "4"},
                                     {"@timestamp", "2026-01-17T14:30:00.5Z"}}));
  EXPECT_EQ(parsed.draft.time, 1'768'660'200'500'000'000);
  EXPECT_EQ(parse("[json]", std::string(R"({"level":30,"time":1768660200500})")).field("PRIORITY"), "6");
  EXPECT_EQ(parse("[json]", std::string(R"({"ts":1768660200.25})")).draft.time, 1'768'660'200'250'000'000);
  // What is no level or time sets nothing.
  EXPECT_EQ(parse("[json]", std::string(R"({"level":"high","time":"noon"})")).fields().size(), 2u);
  // PRIORITY itself counts first, and becomes a number.
  EXPECT_EQ(parse("[json]", std::string(R"({"level":"debug","PRIORITY":"error"})")).field("PRIORITY"), "3");
}

TEST(JsonParser, OfMembersOfOneNameTheLastCounts) {
  const auto parsed = parse("[json]", std::string(R"({"a":1,"msg":"x","a":2,"msg":"y","level":"info","level":"err"})"));
  EXPECT_EQ(parsed.draft.text, "y");
  EXPECT_EQ(parsed.fields(), (Fields{{"a", "2"}, {"level", "err"}, {"PRIORITY", "3"}}));
}

TEST(JsonParser, WhatIsNoObjectIsLeftAlone) {
  for (const char* text : {"",
                           "plain",
                           "[1]",
                           "1",
                           "{",
                           "}",
                           "{}}",
                           "{\"a\":1} x",
                           "{\"a\":1}{\"b\":2}",
                           "{\"a\":tru}",
                           "{\"a\":[1}]}",
                           "{\"a\":01}",
                           "{a:1}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":\"\\q\"}",
                           "{\"a\":1,}",
                           "{\"a\" 1}",
                           "{\"a\":{\"b\":nul}}",
                           "{\"a\":NaN}",
                           "{\"a\":\"x\ny\"}"}) {
    expect_refused("[json]", text);
  }
  EXPECT_FALSE(parse("[json]", std::string(" {} \n")).failed);
}

TEST(JsonParser, AFieldCanBeParsedInPlaceOfTheText) {
  Draft draft;
  draft.text = "text";
  draft.set("payload", R"({"message":"m","a":1})");
  const auto parsed = parse("[{ type: json, field: payload }]", draft);
  EXPECT_EQ(parsed.draft.text, "text");
  EXPECT_EQ(parsed.field("message"), "m");
  EXPECT_EQ(parsed.field("a"), "1");
  EXPECT_TRUE(parse("[{ type: json, field: none }]", draft).failed);
}

TEST(LogfmtParser, PairsBecomeFields) {
  const auto parsed = parse(
      "[logfmt]",
      std::string(R"(level=warning  msg="say \"hi\"\n\u00e9 \q" took=3ms empty= quoted="" retried path=/a=b?c="d")"));
  EXPECT_FALSE(parsed.failed);
  EXPECT_EQ(parsed.draft.text, "say \"hi\"\n\u00e9 \\q");
  EXPECT_EQ(parsed.fields(), (Fields{{"level", "warning"},
                                     {"PRIORITY", "4"},
                                     {"took", "3ms"},
                                     {"empty", ""},
                                     {"quoted", ""},
                                     {"retried", "true"},
                                     {"path", "/a=b?c=\"d\""}}));
}

TEST(LogfmtParser, SentencesAreNoLogfmt) {
  for (const char* text : {"", "hello world", "the answer a=1", "=", "=a", "a=\"x", "a=\"x\"y", "\"a\"=b", "a=\"x\\"}) {
    expect_refused("[logfmt]", text);
  }
}

}  // namespace
}  // namespace towld

#include "parse/json_members.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "parse/json_text.hpp"
#include "parse/level.hpp"
#include "parse/source_time.hpp"

namespace towld {
namespace {

using namespace std::string_literals;

/// "SENDER@RECEIVED TEXT | NAME=VALUE NAME:JSON", or the error's message.
std::string read(std::string_view json) {
  JsonMembers members;
  Draft draft;
  if (const auto done = members.read(json, draft); !done) return "error: " + done.error().message;
  std::string shown = draft.sender + "@" + std::to_string(draft.time.value_or(0)) + " " + draft.text + " |";
  for (const Field& field : draft.fields) shown += " " + field.name + (field.is_json ? ":" : "=") + field.value;
  return shown;
}

bool is_error(std::string_view json) { return read(json).starts_with("error"); }

TEST(JsonMembers, KnownMembersBecomeWhatTheyMean) {
  EXPECT_EQ(read(R"({"message":"hello","level":"warn","timestamp":1700000000,"host":"web-1"})"),
            "web-1@1700000000000000000 hello | PRIORITY=4");
  EXPECT_EQ(read(R"({"msg":"hello","severity":"ERROR","time":"2023-11-14T22:13:20.5Z","hostname":"web-1"})"),
            "web-1@1700000000500000000 hello | PRIORITY=3");
  EXPECT_EQ(read(R"({"MESSAGE":"hello","priority":6,"@timestamp":1700000000123,"sender":"web-1"})"),
            "web-1@1700000000123000000 hello | PRIORITY=6");
  EXPECT_EQ(read(R"({"msg":"hello","ts":1700000000.000123})"), "@1700000000000123000 hello |");
}

TEST(JsonMembers, OtherMembersAreKeptAsTheyCame) {
  EXPECT_EQ(read(R"( {"message":"m", "a":"x\ty", "n": 1.10 ,"big":123456789012345678901234567890, "t":true,"z":null,
      "o": {"k" : [1, 2] } , "l":[ ] } )"),
            "@0 m | a=x\ty n:1.10 big:123456789012345678901234567890 t:true z:null o:{\"k\" : [1, 2] } l:[ ]");
  EXPECT_EQ(read(R"({})"), "@0  |");
  EXPECT_EQ(read(R"({"e":1e999,"s":""})"), "@0  | e:1e999 s=");
}

TEST(JsonMembers, WhatIsNotUnderstoodIsKeptAsAField) {
  EXPECT_EQ(read(R"({"message":"m","level":"loud","time":"yesterday","host":{"name":"a"}})"),
            R"(@0 m | level=loud time=yesterday host:{"name":"a"})");
  EXPECT_EQ(read(R"({"host":")" + std::string(256, 'h') + R"("})"), "@0  | host=" + std::string(256, 'h'));
  EXPECT_EQ(read(R"({"time":-5,"ts":1e30,"timestamp":99999999999})"), "@0  | time:-5 ts:1e30 timestamp:99999999999");
}

TEST(JsonMembers, OfSeveralForTheSameThingOneWinsAndTheOthersAreFields) {
  EXPECT_EQ(read(R"({"msg":"a","message":"b","MESSAGE":"c"})"), "@0 c | msg=a message=b");
  EXPECT_EQ(read(R"({"MESSAGE":"c","message":"b","msg":"a"})"), "@0 c | message=b msg=a");
  EXPECT_EQ(read(R"({"host":"a","sender":"b","hostname":"c"})"), "b@0  | host=a hostname=c");
  EXPECT_EQ(read(R"({"level":"info","severity":"err"})"), "@0  | severity=err PRIORITY=6");
  EXPECT_EQ(read(R"({"level":"info","PRIORITY":"3"})"), "@0  | level=info PRIORITY=3");
  EXPECT_EQ(read(R"({"ts":1700000000,"time":2})"), "@1700000000000000000  | time:2");
}

TEST(JsonMembers, OfMembersWithOneNameTheLastIsKept) {
  EXPECT_EQ(read(R"({"a":1,"b":2,"a":3})"), "@0  | b:2 a:3");
  EXPECT_EQ(read(R"({"MESSAGE":"x","MESSAGE":"y"})"), "@0 y |");
  EXPECT_EQ(read(R"({"MESSAGE":null,"PRIORITY":"5","PRIORITY":"x"})"), "@0  | PRIORITY=5");
  std::string many = "{";
  for (int i = 0; i < 2000; ++i)
    many += (i > 0 ? "," : "") + "\"k"s + std::to_string(i % 50) + "\":" + std::to_string(i);
  const std::string shown = read(many + "}");
  EXPECT_EQ(std::count(shown.begin(), shown.end(), ':'), 50);
  EXPECT_NE(shown.find(" k49:1999"), std::string::npos);
}

TEST(JsonMembers, TextsThatAreNotStringsAreKeptAsText) {
  EXPECT_EQ(read(R"({"MESSAGE":[104, 105,255]})"), "@0 hi\xff |");
  EXPECT_EQ(read(R"({"MESSAGE":[104,256]})"), "@0 [104,256] |");
  EXPECT_EQ(read(R"({"message":{"a":1}})"), R"(@0 {"a":1} |)");
  EXPECT_EQ(read(R"({"message":42})"), "@0 42 |");
  EXPECT_EQ(read(R"({"message":null})"), "@0  | message:null");
  // Halves of characters have no UTF-8; the rest must not be lost for them.
  EXPECT_EQ(read(R"({"a":"cut \ud83d"})"), R"(@0  | a:"cut \ud83d")");
}

TEST(JsonMembers, WhatIsNotOneObjectIsRefused) {
  for (const char* json : {"",
                           " ",
                           "{",
                           "}",
                           "[",
                           "[]",
                           "5",
                           "null",
                           "\"a\"",
                           "{\"a\"}",
                           "{\"a\":}",
                           "{\"a\":1",
                           "{\"a\":1,}",
                           "{a:1}",
                           "{\"a\":1}{",
                           "{\"a\":1} {\"b\":2}",
                           "{\"a\":1}x",
                           "{\"a\":01}",
                           "{\"a\":1x}",
                           "{\"a\":+1}",
                           "{\"a\":1.}",
                           "{\"a\":-}",
                           "{\"a\":tru}",
                           "{\"a\":truee}",
                           "{\"a\":nul}",
                           "{\"a\":\"\\q\"}",
                           "{\"a\":\"\\u12\"}",
                           "{\"a\":\"b}",
                           "{\"a\":\"b\"c}",
                           "{\"a\":\"b\" \"c\"}",
                           "{\"a\" 1}",
                           "{\"a\":1 \"b\":2}",
                           "{\"a\":[1 2]}",
                           "{\"a\":[1,]}",
                           "{\"a\":[}",
                           "{\"a\":[}]}",
                           "{\"a\":{\"b\":01}}",
                           "{\"a\":[tru]}",
                           "{\"a\":{\"b\"}}",
                           "{\"\\q\":1}",
                           "{\"a\":\"tab\there\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"a\":[\"\\q\"]}",
                           "{\"a\":NaN}",
                           "{'a':1}",
                           "{\"a\":1}]"}) {
    EXPECT_TRUE(is_error(json)) << json << " became " << read(json);
  }
  EXPECT_TRUE(is_error("{\"a\":\"nul\0byte\"}"s));
}

TEST(JsonMembers, DepthMembersAndSizeAreLimited) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_FALSE(is_error(nested(kMaxJsonDepth - 1)));
  EXPECT_TRUE(is_error(nested(kMaxJsonDepth)));
  EXPECT_TRUE(is_error(nested(100'000)));
  std::string many = "{";
  for (std::size_t i = 0; i <= kMaxJsonMembers; ++i) many += (i > 0 ? "," : "") + "\""s + std::to_string(i) + "\":0";
  EXPECT_TRUE(is_error(many + "}"));
  JsonMembers members;
  Draft draft;
  const auto done = members.read("{\"a\":\"" + std::string(kMaxJsonObjectBytes, 'x') + "\"}", draft);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, towl::ErrorCode::entry_too_large);
}

// Whatever the bytes are, reading them ends, and reads nothing that is not there.
TEST(JsonMembers, AnyChangeOfATextIsReadOrRefused) {
  const std::string good =
      R"({"message":"h\u00e9llo \"x\"","level":"warn","ts":1700000000.5,"o":{"k":[1,-2.5e3,true,null,{}]},"e":"\\"})";
  std::mt19937 random(20261121);
  JsonMembers members;
  int refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = good;
    for (auto changes = random() % 3 + 1; changes > 0; --changes) {
      constexpr std::string_view kBytes = "{}[]\",:\\ 0eu-t\n\xc3";
      text[random() % text.size()] = kBytes[random() % kBytes.size()];
    }
    text.resize(text.size() - random() % 4 * (random() % 5));
    Draft draft;
    if (!members.read(text, draft)) ++refused;
  }
  EXPECT_GT(refused, 1000);
}

TEST(LevelNames, UsualNamesAndNumbersAreKnown) {
  EXPECT_EQ(parse_level("EMERG"), 0);
  EXPECT_EQ(parse_level("alert"), 1);
  EXPECT_EQ(parse_level("Fatal"), 2);
  EXPECT_EQ(parse_level("ERROR"), 3);
  EXPECT_EQ(parse_level("warn"), 4);
  EXPECT_EQ(parse_level("Notice"), 5);
  EXPECT_EQ(parse_level("INFO"), 6);
  EXPECT_EQ(parse_level("informational"), 6);
  EXPECT_EQ(parse_level("trace"), 7);
  EXPECT_EQ(parse_level("0"), 0);
  EXPECT_EQ(parse_level("7"), 7);
  EXPECT_EQ(parse_level("50"), 3);
  EXPECT_EQ(parse_level("8"), std::nullopt);
  EXPECT_EQ(parse_level(""), std::nullopt);
  EXPECT_EQ(parse_level("informationalx"), std::nullopt);
}

TEST(LogTime, TheUnitIsToldBySize) {
  EXPECT_EQ(parse_source_time("1700000000"), 1'700'000'000'000'000'000);
  EXPECT_EQ(parse_source_time("1700000000.5"), 1'700'000'000'500'000'000);
  EXPECT_EQ(parse_source_time("1700000000.123456789999"), 1'700'000'000'123'456'789);
  EXPECT_EQ(parse_source_time("1700000000123"), 1'700'000'000'123'000'000);
  EXPECT_EQ(parse_source_time("1700000000123.25"), 1'700'000'000'123'250'000);
  EXPECT_EQ(parse_source_time("1700000000123456"), 1'700'000'000'123'456'000);
  EXPECT_EQ(parse_source_time("1700000000123456789"), 1'700'000'000'123'456'789);
  EXPECT_EQ(parse_source_time("1.7e9"), 1'700'000'000'000'000'000);
  EXPECT_EQ(parse_source_time("2023-11-14T22:13:20Z"), 1'700'000'000'000'000'000);
  EXPECT_EQ(parse_source_time("2023-11-14T23:13:20+01:00"), 1'700'000'000'000'000'000);
  for (const char* text : {"", "-1", "x", "1.", "1.x", "1x", "99999999999", "99999999999999999999", "1e400", "1e", ".5",
                           "2023-11-14", "2023-13-14T22:13:20Z"}) {
    EXPECT_EQ(parse_source_time(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace towld

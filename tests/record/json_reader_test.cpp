#include "towl/record/json_reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "towl/record/json_text.hpp"

namespace towl {
namespace {

using namespace std::string_literals;

/// "NAME=TEXT" of strings, "NAME:JSON" of all else, "NAME=TEXT(JSON)" of strings whose text does not say it all.
std::string members_of(std::string_view json) {
  JsonReader reader;
  const auto members = reader.read(json);
  if (!members) return "error: " + members.error().message;
  std::string shown;
  for (const JsonMember& member : *members) {
    const bool is_string = member.kind == JsonKind::string;
    shown += (shown.empty() ? "" : " ") + std::string(member.name) + (is_string ? "=" : ":") + std::string(member.text);
    if (!member.is_exact) shown += "(" + std::string(member.json) + ")";
  }
  return shown;
}

bool is_error(std::string_view json) { return members_of(json).starts_with("error"); }

TEST(JsonReader, ValuesStayAsTheyCame) {
  EXPECT_EQ(
      members_of(R"( {"message":"m", "a":"x\ty", "n": 1.10 ,"big":123456789012345678901234567890, "t":true,"z":null,
      "o": {"k" : [1, 2] } , "l":[ ] } )"),
      "message=m a=x\ty n:1.10 big:123456789012345678901234567890 t:true z:null o:{\"k\" : [1, 2] } l:[ ]");
  EXPECT_EQ(members_of("{}"), "");
  EXPECT_EQ(members_of(R"({"e":1e999,"s":"","m":-0.0})"), "e:1e999 s= m:-0.0");
  EXPECT_EQ(members_of(R"({"a\u0041\"":"\u00e9\ud83d\ude00"})"), "aA\"=\u00e9\U0001F600");
  JsonReader reader;
  EXPECT_EQ(reader.read(R"({"a" : "x\u00e9" , "b":1})")->front().json, R"("x\u00e9")");
}

TEST(JsonReader, HalvesOfCharactersDegradeAlone) {
  EXPECT_EQ(members_of(R"({"a":"cut \ud83d","b":"c"})"), R"(a=cut )"
                                                         "\uFFFD"
                                                         R"(("cut \ud83d") b=c)");
  EXPECT_EQ(members_of(R"({"a":"\ude00x\ud83dy\n"})"), "a=\uFFFDx\uFFFDy\n(\"\\ude00x\\ud83dy\\n\")");
  EXPECT_EQ(members_of(R"({"a":"\ud83d\ud83d\ude00"})"), "a=\uFFFD\U0001F600(\"\\ud83d\\ud83d\\ude00\")");
  EXPECT_EQ(members_of(R"({"n\ud83d":1,"b":2})"), "n\uFFFD:1 b:2");
  EXPECT_EQ(members_of(R"({"o":{"k\ud83d":["\ud83d"]},"b":2})"), R"(o:{"k\ud83d":["\ud83d"]} b:2)");
}

TEST(JsonReader, OfMembersWithOneNameTheLastIsKept) {
  EXPECT_EQ(members_of(R"({"a":1,"b":2,"a":3})"), "b:2 a:3");
  EXPECT_EQ(members_of(R"({"a":1,"\u0061":2})"), "a:2");
  std::string many = "{";
  for (int i = 0; i < 2000; ++i) many += (i > 0 ? ",\"k" : "\"k") + std::to_string(i % 50) + "\":" + std::to_string(i);
  const std::string shown = members_of(many + "}");
  EXPECT_EQ(std::count(shown.begin(), shown.end(), ':'), 50);
  EXPECT_NE(shown.find(" k49:1999"), std::string::npos);
}

TEST(JsonReader, WhatIsNotOneObjectIsRefused) {
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
                           "{\"a\":\"\\ud83d\\q\"}",
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
                           "{\"\\u12\":1}",
                           "{\"a\":\"tab\there\"}",
                           "{\"a\":\"\xff\"}",
                           "{\"\xff\":1}",
                           "{\"a\":[\"\\q\"]}",
                           "{\"a\":NaN}",
                           "{'a':1}",
                           "{\"a\":1}]"}) {
    EXPECT_TRUE(is_error(json)) << json << " became " << members_of(json);
  }
  EXPECT_TRUE(is_error("{\"a\":\"nul\0byte\"}"s));
}

TEST(JsonReader, DepthMembersAndSizeAreLimited) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_FALSE(is_error(nested(kMaxJsonDepth)));
  EXPECT_TRUE(is_error(nested(kMaxJsonDepth + 1)));
  EXPECT_TRUE(is_error(nested(900'000)));
  EXPECT_TRUE(is_error("{\"a\":" + std::string(1'000'000, '[')));
  EXPECT_TRUE(is_error("{\"a\":" + std::string(1'000'000, '{')));
  std::string many = "{";
  for (std::size_t i = 0; i <= JsonLimits{}.members; ++i) many += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
  EXPECT_TRUE(is_error(many + "}"));
  JsonReader reader;
  const auto large = reader.read("{\"a\":\"" + std::string(JsonLimits{}.bytes, 'x') + "\"}");
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().code, ErrorCode::entry_too_large);
}

TEST(JsonReader, MembersOfAMegabyteAreRead) {
  const std::string megabyte(1 << 20, 'x');
  EXPECT_EQ(members_of("{\"a\":\"" + megabyte + "\",\"b\":1}"), "a=" + megabyte + " b:1");
  EXPECT_EQ(members_of("{\"" + megabyte + "\":1}"), megabyte + ":1");
  const std::string digits(1 << 20, '7');
  EXPECT_EQ(members_of("{\"a\":" + digits + "}"), "a:" + digits);
  // One text after the other: what was read before does not show.
  JsonReader reader;
  EXPECT_EQ(reader.read("{\"a\":\"" + megabyte + "\"}")->size(), 1U);
  EXPECT_EQ(reader.read(R"({"b":"c"})")->front().text, "c");
}

// For any bytes, reading ends, and never reads outside of them. What is read is strictly valid JSON.
TEST(JsonReader, AnyChangeOfATextIsReadOrRefused) {
  const std::string good =
      R"({"message":"h\u00e9llo \"x\"","level":"warn","ts":1700000000.5,"o":{"k":[1,-2.5e3,true,null,{}]},"e":"\\"})";
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  JsonReader reader;
  int refused = 0;
  for (int i = 0; i < 50'000; ++i) {
    std::string text = good;
    for (auto changes = random() % 3 + 1; changes > 0; --changes) {
      constexpr std::string_view kBytes = "{}[]\",:\\ 0eu-t\n\xc3";
      text[random() % text.size()] = kBytes[random() % kBytes.size()];
    }
    text.resize(text.size() - random() % 4 * (random() % 5));
    const bool is_read = reader.read(text).has_value();
    ASSERT_EQ(is_read, is_json(text) && text.find_first_not_of(" \n") == text.find('{')) << text;
    refused += is_read ? 0 : 1;
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace towl

// What a JSON object becomes as an entry.
#include "towl/record/members.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towl {
namespace {

constexpr Timestamp kReceived = 1'768'660'200'000'000'000;  // 2026-01-17T14:30:00Z

const TimeZone& berlin() {
  static const TimeZone kZone = *TimeZone::load("CET-1CEST,M3.5.0,M10.5.0/3");
  return kZone;
}

/// "SENDER@TIME TEXT | NAME=VALUE NAME:JSON", or the error's message.
std::string draft_of(std::string_view json) {
  JsonEntryReader reader(berlin());
  Draft draft;
  draft.received = kReceived;
  if (const auto done = reader.read(json, draft); !done) return "error: " + done.error().message;
  EXPECT_EQ(draft.received, kReceived);
  std::string shown = draft.sender + "@" + (draft.time ? std::string(format_rfc3339(*draft.time).view()) : "") +
                      (draft.is_time_unreadable ? "?" : "") + " " + draft.text + " |";
  for (const DraftField& field : draft.fields) shown += " " + field.name + (field.is_json ? ":" : "=") + field.value;
  return shown;
}

std::string stored(std::string_view json) {
  JsonEntryReader reader(berlin());
  Draft draft;
  draft.received = kReceived;
  std::string text;
  if (reader.read(json, draft)) encode_draft(draft, text);
  return text;
}

TEST(Members, KnownMembersBecomeWhatTheyMean) {
  EXPECT_EQ(draft_of(R"({"message":"hello","level":"warn","timestamp":1700000000,"host":"web-1"})"),
            "web-1@2023-11-14T22:13:20Z hello | level=warn timestamp:1700000000 PRIORITY=4");
  EXPECT_EQ(draft_of(R"({"msg":"hello","severity":"ERROR","hostname":"web-1"})"),
            "web-1@ hello | severity=ERROR PRIORITY=3");
  EXPECT_EQ(draft_of(R"({"MESSAGE":"hello","PRIORITY":6,"sender":"web-1"})"), "web-1@ hello | PRIORITY=6");
  EXPECT_EQ(draft_of(R"({"message":"hello"})"), "@ hello |");
}

// Lines as these programs and protocols write them.
TEST(Members, EverybodysLogsAreUnderstood) {
  const auto said = [](std::string_view json) {
    JsonEntryReader reader(berlin());
    Draft draft;
    draft.received = kReceived;
    EXPECT_TRUE(reader.read(json, draft)) << json;
    const DraftField* level = draft.find(field::kPriority);
    return draft.sender + " " + (level != nullptr ? level->value : "-") + " " +
           (draft.time ? std::string(format_rfc3339(*draft.time).view()) : "-") + " " + draft.text;
  };
  EXPECT_EQ(said(R"({"__REALTIME_TIMESTAMP":"1700000000000000","_SOURCE_REALTIME_TIMESTAMP":"1700000000000001",)"
                 R"("MESSAGE":"journald","PRIORITY":"3","_HOSTNAME":"a"})"),
            "a 3 2023-11-14T22:13:20.000001Z journald");
  EXPECT_EQ(
      said(R"({"@timestamp":"2023-11-14T23:13:20.000+0100","log.level":"error","message":"ecs","host.name":"a"})"),
      "a 3 2023-11-14T22:13:20Z ecs");
  EXPECT_EQ(said(R"({"@timestamp":"2023-11-14T22:13:20Z","log":{"level":"WARN"},"message":"ecs","host":{"name":"a"}})"),
            "a 4 2023-11-14T22:13:20Z ecs");
  EXPECT_EQ(said(R"({"timeUnixNano":"1700000000000000000","severityNumber":17,"severityText":"ERROR","body":"otel"})"),
            " 3 2023-11-14T22:13:20Z otel");
  EXPECT_EQ(said(R"({"severityNumber":9,"body":"otel"})"), " 6 - otel");
  EXPECT_EQ(said(R"({"log":"docker\n","stream":"stdout","time":"2023-11-14T22:13:20.000000000Z"})"),
            " - 2023-11-14T22:13:20Z docker");
  EXPECT_EQ(
      said(
          R"({"version":"1.1","host":"a","short_message":"gelf","full_message":"x","timestamp":1700000000.5,"level":1})"),
      "a 1 2023-11-14T22:13:20.500Z gelf");
  EXPECT_EQ(
      said(R"({"name":"x","hostname":"a","pid":1,"level":40,"msg":"bunyan","time":"2023-11-14T22:13:20.000Z","v":0})"),
      "a 4 2023-11-14T22:13:20Z bunyan");
  EXPECT_EQ(said(R"({"level":50,"time":1700000000000,"pid":1,"hostname":"a","msg":"pino"})"),
            "a 3 2023-11-14T22:13:20Z pino");
  EXPECT_EQ(
      said(R"({"@timestamp":"2023-11-14T23:13:20.000+01:00","message":"logback","level":"INFO","level_value":20000})"),
      " 6 2023-11-14T22:13:20Z logback");
  EXPECT_EQ(said(R"({"level":"dpanic","ts":1700000000.25,"caller":"a.go:1","msg":"zap"})"),
            " 2 2023-11-14T22:13:20.250Z zap");
  EXPECT_EQ(said(R"({"t":{"$date":"2023-11-14T23:13:20.000+01:00"},"s":"E","c":"NETWORK","msg":"mongod"})"),
            " 3 2023-11-14T22:13:20Z mongod");
  EXPECT_EQ(said(R"({"t":{"$date":"2023-11-14T22:13:20.000Z"},"s":"D2","msg":"mongod"})"),
            " 7 2023-11-14T22:13:20Z mongod");
  EXPECT_EQ(said(R"({"time":"2023-11-14 23:13:20,000","levelname":"CRITICAL","message":"python"})"),
            " 2 2023-11-14T22:13:20Z python");
  EXPECT_EQ(said(R"({"@t":"2023-11-14T22:13:20Z","@l":"Fatal","@m":"serilog","@mt":"x"})"),
            " 2 2023-11-14T22:13:20Z serilog");
  // Names of one letter are mongod's only as it writes them.
  EXPECT_EQ(said(R"({"t":"2023-11-14T22:13:20Z","s":"info","message":"m"})"), " - - m");
}

TEST(Members, OthersAreKeptAsTheyCame) {
  EXPECT_EQ(
      stored(
          R"({"message":"m","n": 1.10 ,"big":123456789012345678901234567890,"e":1e999,"z":null,"o": {"k" : [1] } })"),
      R"({"MESSAGE":"m","n":1.10,"big":123456789012345678901234567890,"e":1e999,"z":null,"o":{"k" : [1] }})");
}

TEST(Members, AnOddMemberDegradesAlone) {
  for (const char* odd : {R"("ua":"bot \ud83d")", R"("id":123456789012345678901234567890)", R"("v":1e999)",
                          R"("v":-1e-999)", R"("a":[1e999,"\ud83d",{"b":123456789012345678901234567890}])"}) {
    EXPECT_EQ(stored(std::string(R"({"level":"error","msg":"m",)") + odd + "}"),
              std::string(R"({"MESSAGE":"m","level":"error",)") + odd + R"(,"PRIORITY":"3"})")
        << odd;
  }
  EXPECT_EQ(draft_of(R"({"msg":"cut \ud83d","a":1,"a":2})"), "@ cut \uFFFD | a:2");
  EXPECT_EQ(draft_of(R"({"msg":"m","level":1e999,"time":123456789012345678901234567890})"),
            "@? m | level:1e999 time:123456789012345678901234567890");
}

TEST(Members, WhatIsNotUnderstoodIsKeptAsAFieldAndATimeIsCounted) {
  EXPECT_EQ(draft_of(R"({"message":"m","level":"loud","time":"yesterday","host":{"ip":"a"}})"),
            R"(@? m | level=loud time=yesterday host:{"ip":"a"})");
  EXPECT_EQ(draft_of(R"({"host":")" + std::string(256, 'h') + R"(","a":1})"),
            "@  | host=" + std::string(256, 'h') + " a:1");
  EXPECT_EQ(draft_of(R"({"message":"m","time":"noon","ts":1700000000})"),
            "@2023-11-14T22:13:20Z m | time=noon ts:1700000000");
  EXPECT_EQ(draft_of(R"({"message":"m","time":null,"ts":""})"), "@ m | time:null ts=");
}

TEST(Members, OfSeveralForTheSameThingTheBestNameCounts) {
  EXPECT_EQ(draft_of(R"({"msg":"a","message":"b","MESSAGE":"c"})"), "@ c | msg=a message=b");
  EXPECT_EQ(draft_of(R"({"MESSAGE":"c","message":"b","msg":"a"})"), "@ c | message=b msg=a");
  EXPECT_EQ(draft_of(R"({"log":"c","msg":"b","message":"a"})"), "@ a | log=c msg=b");
  EXPECT_EQ(draft_of(R"({"host":"a","sender":"b","hostname":"c"})"), "b@  | host=a hostname=c");
  EXPECT_EQ(draft_of(R"({"severity":"err","level":"info"})"), "@  | severity=err level=info PRIORITY=6");
  EXPECT_EQ(draft_of(R"({"level":"info","PRIORITY":"error"})"), "@  | level=info PRIORITY=3");
}

TEST(Members, MessagesThatAreNoStrings) {
  EXPECT_EQ(draft_of(R"({"MESSAGE":[104, 105,255]})"), "@ hi\xff |");
  EXPECT_EQ(draft_of(R"({"MESSAGE":[104,256]})"), "@ [104,256] |");
  EXPECT_EQ(draft_of(R"({"MESSAGE":{"a":1}})"), R"(@ {"a":1} |)");
  EXPECT_EQ(draft_of(R"({"MESSAGE":null,"a":1})"), "@  | a:1");
  EXPECT_EQ(draft_of(R"({"message":{"x":1},"msg":"b"})"), R"(@ b | message:{"x":1})");
  EXPECT_EQ(stored(R"({"message":42})"), R"({"message":42})");
  EXPECT_EQ(stored(R"({"a":"b"})"), R"({"a":"b"})");
  EXPECT_EQ(stored(" {} "), " {} ");
}

TEST(Members, APartOfAnEntryLeavesItsTextAndSender) {
  JsonEntryReader reader(berlin());
  Draft draft;
  draft.text = "text";
  draft.sender = "me";
  draft.set("payload", "x");
  ASSERT_TRUE(reader.read_part(R"({"message":"m","host":"a","level":"err","payload":"y"})", draft));
  EXPECT_EQ(draft.text, "text");
  EXPECT_EQ(draft.sender, "me");
  EXPECT_EQ(draft.find("message")->value, "m");
  EXPECT_EQ(draft.find("host")->value, "a");
  EXPECT_EQ(draft.find("payload")->value, "y");
  EXPECT_EQ(draft.find(field::kPriority)->value, "3");
}

TEST(Members, AnErrorLeavesTheDraftAsItWas) {
  JsonEntryReader reader(berlin());
  Draft draft;
  draft.text = "text";
  EXPECT_FALSE(reader.read("{\"a\":1", draft));
  EXPECT_EQ(draft.text, "text");
  EXPECT_TRUE(draft.fields.empty());
}

TEST(Members, ManyTakeTimeInProportion) {
  JsonEntryReader reader(berlin(), {.bytes = 64 << 20, .members = 1 << 20});
  std::string many = "{\"message\":\"m\"";
  for (int i = 0; i < 200'000; ++i) many += ",\"n" + std::to_string(i % 100'000) + "\":1";
  Draft draft;
  ASSERT_TRUE(reader.read(many + "}", draft));
  EXPECT_EQ(draft.fields.size(), 100'000U);
}

}  // namespace
}  // namespace towl

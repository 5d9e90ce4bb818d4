// Entries as lines of text and of JSON.
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "outputs/entry_format.hpp"

namespace towld {
namespace {

using nlohmann::json;

std::string formatted(OutputFormat format, towl::LogFormat log_format, const std::string& text) {
  EntryFormatter formatter(format);
  std::string out;
  formatter.append({3, 7, {"host", 1'768'660'200'000'000'000, log_format, text}}, out);
  return out;
}

TEST(EntryFormatter, TextEntries) {
  constexpr auto kText = towl::LogFormat::text;
  EXPECT_EQ(
      formatted(OutputFormat::json, kText, "a\"b\n"),
      R"({"file_id":3,"ordinal":7,"sender":"host","time":"2026-01-17T14:30:00Z","received":"2026-01-17T14:30:00Z","log_format":0,"log_entry":"a\"b\n"})"
      "\n");
  EXPECT_EQ(json::parse(formatted(OutputFormat::json, kText, "\xff"))["log_entry"], json({255}));
  EXPECT_EQ(formatted(OutputFormat::text, kText, "a\x1b\xff"), "a\x1b\xff\n");
  EXPECT_EQ(formatted(OutputFormat::console, kText, "a\tb\x1b[31m\nc \u00e9 \xc2\x9b"),
            "2026-01-17T14:30:00Z host: a\tb\\x1b[31m\n    c \u00e9 \\xc2\\x9b\n");
  EXPECT_EQ(formatted(OutputFormat::console, kText, "\xc3\xa9 \xff"), "2026-01-17T14:30:00Z host: \\xc3\\xa9 \\xff\n");
}

TEST(EntryFormatter, JournalEntries) {
  constexpr auto kJson = towl::LogFormat::journal_json;
  const std::string stored = R"({"MESSAGE":"it \"works\"","SYSLOG_IDENTIFIER":"shop", "n":1})";
  const std::string implied = R"({"__REALTIME_TIMESTAMP":"1768660200000000","_HOSTNAME":"host",)";
  EXPECT_EQ(formatted(OutputFormat::json, kJson, stored), implied + stored.substr(1) + "\n");
  EXPECT_EQ(formatted(OutputFormat::text, kJson, stored), "it \"works\"\n");
  EXPECT_EQ(formatted(OutputFormat::console, kJson, stored), "2026-01-17T14:30:00Z host shop: it \"works\"\n");
  EXPECT_EQ(formatted(OutputFormat::text, kJson, R"({"MESSAGE":[104,105,255]})"), "hi\xff\n");
  EXPECT_EQ(formatted(OutputFormat::json, kJson, "{\n \"a\": [1]\n}\n"), implied + "\"a\":[1]}\n");
  // What is no JSON after all is a text.
  EXPECT_EQ(formatted(OutputFormat::text, kJson, "{broken"), "{broken\n");
  EXPECT_EQ(json::parse(formatted(OutputFormat::json, kJson, "{broken"))["log_entry"], "{broken");
  EXPECT_EQ(formatted(OutputFormat::console, kJson, R"({"a":1})"), "2026-01-17T14:30:00Z host: {\"a\":1}\n");
  EXPECT_EQ(formatted(OutputFormat::text, kJson, "[1]"), "[1]\n");
}

}  // namespace
}  // namespace towld

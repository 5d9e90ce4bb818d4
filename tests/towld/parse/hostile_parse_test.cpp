// For any input, parsers end in time proportional to the text, and what is stored is the text or whole JSON.
#include <nlohmann/json.hpp>
#include <random>

#include "towl/record/json_reader.hpp"
#include "towl/record/json_text.hpp"
#include "towld/parse/parse_support.hpp"

namespace towld {
namespace {

using test::parse;

const std::vector<std::string>& all_parsers() {
  static const std::vector<std::string> kAll = {
      "json",
      "logfmt",
      "common",
      "combined",
      R"({ type: regex, pattern: '^(?P<a>\S+) (?P<message>.*)$' })",
      R"({ type: regex, pattern: '(?P<a>(x+x+)+y)' })",
      "{ type: grok, pattern: '%{COMBINEDAPACHELOG}' }",
      "{ type: grok, pattern: '%{SYSLOGLINE}' }",
      "{ type: grok, pattern: '%{URI:uri}|%{QUOTEDSTRING:quoted}|%{HOSTNAME:host}' }",
      "{ type: timestamp, format: rfc3339, time_zone: UTC }",
      "{ type: timestamp, format: '%b %e %T', time_zone: UTC }",
      "{ type: timestamp, format: unix }",
      "{ type: level, field: MESSAGE }",
      "{ type: rename, fields: { a: b, MESSAGE: c } }",
      R"({ type: redact, pattern: '[0-9a-f"]+', fields: '*' })",
  };
  return kAll;
}

/// Runs `text` through every parser alone and through all of them.
void try_all(const std::string& text) {
  std::string all;
  std::vector<std::string> lists;
  for (const std::string& parser : all_parsers()) {
    lists.push_back("[" + parser + "]");
    all += (all.empty() ? "[" : ", ") + parser;
  }
  lists.push_back(all + "]");
  static std::map<std::string, ParserChain> chains;
  for (const std::string& list : lists) {
    if (!chains.contains(list)) chains.emplace(list, std::move(*test::make_chain(list)));
    Draft draft;
    draft.text = text;
    std::atomic<std::uint64_t> failures = 0;
    chains.at(list).apply(draft, failures);
    std::string stored;
    encode_draft(draft, stored);
    if (format_of(draft) == towl::LogFormat::text) {
      EXPECT_EQ(draft.text, stored);
    } else {
      // Halves of characters stay as they came, which nlohmann does not take.
      EXPECT_TRUE(nlohmann::json::accept(stored) || (stored.find("\\ud") != std::string::npos && towl::is_json(stored)))
          << list << ": " << text.substr(0, 200);
    }
  }
}

TEST(HostileTexts, OddBytesComeOutWhole) {
  for (const std::string& text :
       {std::string(), std::string("\0", 1), std::string("{\"a\":\"x\0y\"}", 11), std::string("a=\0 b=c", 7),
        std::string("\xff\xfe"), std::string("{\"\xff\":1}"), std::string("a=\xff \xc0=\x80"),
        std::string("\xed\xa0\x80"), std::string("{\"a\":\"\\ud800\"}"), std::string("{\"a\":\"\\u0000\"}"),
        std::string("{\"\":\"\"}"), std::string("{\"MESSAGE\":null,\"message\":\"x\"}"),
        std::string("{\"MESSAGE\":{},\"MESSAGE\":[256]}"), std::string("{\"PRIORITY\":{\"a\":1},\"level\":[]}"),
        std::string("MESSAGE=a MESSAGE=b =c"), std::string("a=\"\\"), std::string("a=\"\\u12"),
        std::string("\x1b[31mred\x1b[0m")}) {
    try_all(text);
  }
}

TEST(HostileTexts, AMegabyteOfAnythingTakesItsTime) {
  constexpr std::size_t kSize = std::size_t{1} << 20;
  const auto repeated = [&](const std::string& piece) {
    std::string text;
    while (text.size() < kSize) text += piece;
    return text;
  };
  for (const char* piece : {"x", " ", "\xff", "a=b ", "a=\"", "\\\"", "{", "[", "{\"a\":", "{\"a\":[", "\"",
                            "https://a/", "::", "1.", "Jan "}) {
    try_all(repeated(piece));
  }
  try_all("{" + repeated("\"a\":1,") + "\"b\":2}");
  try_all("{\"a\":\"" + std::string(kSize, 'x') + "\"}");
  try_all("{\"a\":" + repeated("[") + "}");
  try_all("a=\"" + repeated("\\n") + "\"");
}

TEST(HostileTexts, NestingBeyondMeasureIsLeftAlone) {
  const auto nested = [](std::size_t depth) {
    return "{\"a\":" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_FALSE(parse("[json]", nested(towl::kMaxJsonDepth)).failed);
  test::expect_refused("[json]", nested(towl::kMaxJsonDepth + 1));
  test::expect_refused("[json]", nested(400'000));
}

TEST(HostileTexts, TooManyMembersAreLeftAlone) {
  std::string json = "{";
  std::string logfmt;
  for (std::size_t i = 0; i <= towl::JsonLimits{}.members; ++i) {
    json += (i > 0 ? ",\"n" : "\"n") + std::to_string(i) + "\":1";
    logfmt += "n" + std::to_string(i) + "=1 ";
  }
  test::expect_refused("[json]", json + "}");
  test::expect_refused("[logfmt]", logfmt);
}

// Fields with names that mean something to us come from outside as well.
TEST(HostileTexts, AMessageThatIsNoStringIsStillTheText) {
  const auto parsed = parse("[json]", std::string(R"({"MESSAGE":{"a":1}})"));
  EXPECT_EQ(parsed.draft.text, R"({"a":1})");
  EXPECT_TRUE(parsed.draft.fields.empty());
}

TEST(HostileTexts, RandomPiecesComeOutWhole) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const std::vector<std::string> pieces = {"{",          "}",
                                           "[",          "]",
                                           "\"",         ":",
                                           ",",          "a",
                                           "\\",         "\\u00e9",
                                           "1",          "-",
                                           "e5",         "null",
                                           " ",          "=",
                                           "\n",         "\xff",
                                           "\xc3\xa9",   "msg",
                                           "\"level\":", "\"a\":1,",
                                           "true",       std::string(1, '\0'),
                                           "192.0.2.1",  "Jan 17 14:30:00",
                                           "<13>"};
  for (int i = 0; i < 3000; ++i) {
    std::string text = random() % 2 == 0 ? "{" : "";
    for (auto n = random() % 20; n > 0; --n) text += pieces[random() % pieces.size()];
    if (random() % 2 == 0) text += "}";
    try_all(text);
  }
}

}  // namespace
}  // namespace towld

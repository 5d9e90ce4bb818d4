// What is stored of a draft, no matter what is in it.
#include "towl/record/draft.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "towl/record/json_text.hpp"

namespace towl {
namespace {

std::string encoded(const Draft& draft) {
  std::string text;
  encode_draft(draft, text);
  return text;
}

/// Fails the test if it is not JSON or a name is there twice.
nlohmann::json stored(const Draft& draft) {
  const std::string text = encoded(draft);
  std::set<std::string> names;
  int depth = 0;
  const auto check = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::object_start) ++depth;
    if (event == nlohmann::json::parse_event_t::object_end) --depth;
    if (event == nlohmann::json::parse_event_t::key && depth == 1) {
      EXPECT_TRUE(names.insert(value.get<std::string>()).second) << value << " is there twice";
    }
    return true;
  };
  EXPECT_EQ(format_of(draft), LogFormat::journal_json);
  EXPECT_TRUE(nlohmann::json::accept(text)) << text;
  return nlohmann::json::parse(text, check, false);
}

TEST(EncodeDraft, WithoutFieldsTheTextIsStoredAsItIs) {
  Draft draft;
  draft.text = std::string("a\0b\xff\n", 5);
  EXPECT_EQ(encoded(draft), draft.text);
  EXPECT_EQ(format_of(draft), LogFormat::text);
}

TEST(EncodeDraft, FieldsMakeItAnObjectWithTheTextAsMessage) {
  Draft draft;
  draft.text = "hello \"world\"\\\n\t\x01\x7f";
  draft.set("a", "1");
  draft.set("b", "1", true);
  draft.set("c", R"({"d":[null]})", true);
  EXPECT_EQ(
      stored(draft),
      nlohmann::json({{"MESSAGE", "hello \"world\"\\\n\t\x01\x7f"}, {"a", "1"}, {"b", 1}, {"c", {{"d", {nullptr}}}}}));
}

TEST(EncodeDraft, StringsThatAreNotUtf8AreArraysOfBytes) {
  Draft draft;
  draft.text = "a\xff";
  draft.set("b", "\xc3");
  EXPECT_EQ(stored(draft), nlohmann::json({{"MESSAGE", {97, 255}}, {"b", {195}}}));
}

// An array cannot be a member's name.
TEST(EncodeDraft, NamesThatAreNotUtf8AreStillNames) {
  Draft draft;
  draft.set("caf\xe9 \"x\"\n", "1");
  EXPECT_EQ(stored(draft), nlohmann::json({{"MESSAGE", ""}, {"caf\xEF\xBF\xBD \"x\"\n", "1"}}));
}

TEST(EncodeDraft, OfFieldsOfOneNameTheLastIsStored) {
  for (const int others : {0, 100}) {
    Draft draft;
    for (int i = 0; i < others; ++i) draft.fields.push_back({"n" + std::to_string(i), "0", true});
    draft.fields.push_back({"a", "1"});
    draft.fields.push_back({"b", "2"});
    draft.fields.push_back({"a", "3"});
    const nlohmann::json object = stored(draft);
    EXPECT_EQ(object.size(), static_cast<std::size_t>(others) + 3);
    EXPECT_EQ(object["a"], "3");
    EXPECT_EQ(object["b"], "2");
  }
}

TEST(EncodeDraft, AFieldWithoutANameIsKept) {
  Draft draft;
  draft.set("", "x");
  EXPECT_EQ(stored(draft), nlohmann::json({{"MESSAGE", ""}, {"", "x"}}));
}

TEST(EncodeDraft, AFieldNamedMessageTakesThePlaceOfTheText) {
  Draft draft;
  draft.text = "text";
  draft.set("MESSAGE", "field");
  EXPECT_EQ(stored(draft), nlohmann::json({{"MESSAGE", "field"}}));
}

TEST(EncodeDraft, LabelsArePutIntoAStoredObject) {
  Draft draft;
  draft.is_journal_json = true;
  draft.text = R"( {"MESSAGE" : "x", "app":"old" ,"n": [1, {"a":2}]} )";
  EXPECT_EQ(encoded(draft), draft.text);
  draft.set("app", "new");
  draft.set("host", "a");
  EXPECT_EQ(stored(draft), nlohmann::json({{"MESSAGE", "x"}, {"app", "new"}, {"host", "a"}, {"n", {1, {{"a", 2}}}}}));
  draft.text = "{}";
  EXPECT_EQ(stored(draft), nlohmann::json({{"app", "new"}, {"host", "a"}}));
  // Odd members stay as they are.
  draft.text = R"({"n":123456789012345678901234567890,"v":1e999,"ua":"bot \ud83d","app":1})";
  EXPECT_EQ(encoded(draft),
            R"({"n":123456789012345678901234567890,"v":1e999,"ua":"bot \ud83d","app":"new","host":"a"})");
  for (const char* broken : {"{", "[1]", "", "{\"a\":tru}", "{\"a\":1} x", "{\"a\":[1}]}"}) {
    draft.text = broken;
    EXPECT_EQ(stored(draft), nlohmann::json({{"MESSAGE", broken}, {"app", "new"}, {"host", "a"}}));
  }
}

TEST(EncodeDraft, FromTheJournalControlCharactersLeadToBytesAndNoTextToNoMessage) {
  Draft draft;
  draft.is_from_journal = true;
  draft.may_lack_message = true;
  draft.set("a", "\x1b[0m");
  draft.set("b", "tab\tnewline\n");
  draft.set("c", "\xc2\x85");
  EXPECT_EQ(stored(draft), nlohmann::json({{"a", {27, 91, 48, 109}}, {"b", "tab\tnewline\n"}, {"c", {194, 133}}}));
  draft.text = "\x7f";
  EXPECT_EQ(stored(draft)["MESSAGE"], nlohmann::json({127}));
}

TEST(EncodeDraft, ManyFieldsTakeTimeInProportion) {
  Draft draft;
  for (int i = 0; i < 100'000; ++i) draft.fields.push_back({"n" + std::to_string(i % 50'000), "0", true});
  EXPECT_EQ(nlohmann::json::parse(encoded(draft)).size(), 50'001u);
}

TEST(IsJson, IsOneValueThatIsNotTooDeep) {
  for (const char* good : {"0", "-1.5e+10", "true", "null", "\"a\"", "[]", "{\"a\":[{}]}", " [1] ",
                           "123456789012345678901234567890", "1e999", "\"\\ud83d\"", "{\"a\":1,\"a\":2}"}) {
    EXPECT_TRUE(is_json(good)) << good;
  }
  for (const char* bad :
       {"",    "01",       "1.",      ".5",        "+1",       "tru",  "[1",  "[1]]", "{\"a\"}", "1 2", "'a'",
        "NaN", "\"\xff\"", "\"\\q\"", "\"\\u12\"", "\"a\nb\"", "[1,]", "{,}", "-",    "1e",      "\"a", "[}"}) {
    EXPECT_FALSE(is_json(bad)) << bad;
  }
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_TRUE(is_json(nested(kMaxJsonDepth)));
  EXPECT_FALSE(is_json(nested(kMaxJsonDepth + 1)));
  EXPECT_FALSE(is_json(nested(1'000'000)));
  EXPECT_TRUE(is_json("\"" + std::string(1000, '[') + "\\\"[\""));
}

}  // namespace
}  // namespace towl

#include "parse/json_split.hpp"

#include <gtest/gtest.h>

#include <string>

namespace towld {
namespace {

TEST(JsonSplitter, FindsObjectsInLinesAndArrays) {
  const auto split = [](std::string_view text) {
    std::string parts;
    JsonSplitter splitter(text);
    for (;;) {
      const auto part = splitter.next();
      if (!part) return parts + "!";
      if (!*part) return parts;
      parts += std::string(**part) + ";";
    }
  };
  EXPECT_EQ(split(""), "");
  EXPECT_EQ(split("{}\r\n\r\n {} \n"), "{};{};");
  EXPECT_EQ(split(R"({"a":"}\"{"}x)"), R"({"a":"}\"{"};!)");
  EXPECT_EQ(split("{\"a\":\n{}}\n{}"), "{\"a\":\n{}};{};");
  EXPECT_EQ(split("[{},{\"a\":[{}]}]"), "{};{\"a\":[{}]};");
  EXPECT_EQ(split("[{}"), "{};!");
  EXPECT_EQ(split("{\"a"), "!");
  EXPECT_EQ(split("{\"a\\"), "!");
  EXPECT_EQ(split("["), "!");
  EXPECT_EQ(split("[] []"), "!");
}

// With a look for the line's end, or a try of the whole line, for each object this would take minutes.
TEST(JsonSplitter, ManyObjectsInOneLineAreFoundInOnePass) {
  constexpr std::size_t kObjects = 1'000'000;
  for (const char* end : {"", "x"}) {
    std::string text;
    for (std::size_t i = 0; i < kObjects; ++i) text += "{}";
    text += end;
    JsonSplitter splitter(text);
    std::size_t found = 0;
    for (;;) {
      const auto part = splitter.next();
      if (!part || !*part) break;
      // As a reader does that cannot read the whole line as one object.
      const auto exact = part->value() == "{}" ? std::nullopt : splitter.exact();
      EXPECT_TRUE(part->value() == "{}" || exact == "{}");
      ++found;
    }
    EXPECT_EQ(found, kObjects);
  }
}

TEST(JsonSplitter, AfterAnErrorTheRestIsCounted) {
  const auto rest = [](std::string_view text) {
    JsonSplitter splitter(text);
    while (const auto part = splitter.next()) {
      if (!*part) break;
    }
    return splitter.skip_rest();
  };
  EXPECT_EQ(rest("{}\n{}\n"), 0U);
  EXPECT_EQ(rest("{}\nx\n{}\n\n {}\n"), 3U);
  EXPECT_EQ(rest("[{},{}"), 0U);
  JsonSplitter splitter("[{},{},{}]");
  EXPECT_TRUE(splitter.next());
  EXPECT_EQ(splitter.skip_rest(), 2U);
}

}  // namespace
}  // namespace towld

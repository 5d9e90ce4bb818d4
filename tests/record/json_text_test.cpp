#include "towl/record/json_text.hpp"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

namespace towl {
namespace {

std::string written(std::string_view text) {
  std::string to;
  append_json_text(text, to);
  return to;
}

// Text is looked at eight bytes at a time: every byte at every place must be seen, also next to others.
TEST(JsonText, EveryByteAtEveryPlaceIsWrittenSoThatItIsReadAgain) {
  for (std::size_t length = 1; length <= 20; ++length) {
    for (std::size_t place = 0; place < length; ++place) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string text(length, 'a');
        text[place] = static_cast<char>(byte);
        if (place + 1 < length) text[place + 1] = '!';  // The byte before a quote: borrows show.
        const auto read = nlohmann::json::parse(written(text));
        if (byte < 0x80) {
          ASSERT_EQ(read, text) << byte;
        } else {
          ASSERT_TRUE(read.is_array()) << byte;
          ASSERT_EQ(read.size(), length);
          ASSERT_EQ(read[place], byte);
        }
      }
    }
  }
}

TEST(JsonText, CharactersBeyondAsciiStayAsTheyAre) {
  EXPECT_EQ(written("gr\xC3\xBC\xC3\x9F Gott, \"Herr\" \xE2\x82\xAC\n"),
            "\"gr\xC3\xBC\xC3\x9F Gott, \\\"Herr\\\" \xE2\x82\xAC\\n\"");
  EXPECT_EQ(written("\xC3"), "[195]");
  EXPECT_EQ(written(""), "\"\"");
}

std::string compact(std::string_view json) {
  std::string to;
  append_compact_json(json, to);
  return to;
}

std::string pretty(std::string_view json) {
  std::string to;
  append_pretty_json(json, 0, to);
  return to;
}

TEST(JsonText, LayoutChangesNoToken) {
  EXPECT_EQ(compact(" { \"a b\" : [ 1.10 , true,\n\"\\\" , \" ] } "), R"({"a b":[1.10,true,"\" , "]})");
  EXPECT_EQ(compact(R"({"a":"\\"})"), R"({"a":"\\"})");
  EXPECT_EQ(pretty(R"({"a":1.10,"b":[1,{"c":[]}],"d":{},"e":"x , y"})"),
            "{\n  \"a\": 1.10,\n  \"b\": [\n    1,\n    {\n      \"c\": []\n    }\n  ],\n  \"d\": {},\n  \"e\": \"x , "
            "y\"\n}");
  EXPECT_EQ(pretty("{}"), "{}");
  EXPECT_EQ(pretty("1"), "1");
}

}  // namespace
}  // namespace towl

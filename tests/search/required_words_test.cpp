#include "towl/required_words.hpp"

#include <gtest/gtest.h>

#include <random>

#include "support/stores.hpp"
#include "support/temp_folder.hpp"
#include "towl/file_writer.hpp"
#include "towl/scan.hpp"
#include "towl/seal.hpp"

namespace towl {
namespace {

using Words = std::vector<std::vector<std::string>>;

TEST(RequiredWords, OnlyWordsBoundedInThePatternAreRequired) {
  const auto words = [](std::vector<std::string> patterns, MatchOptions options = {}) {
    return required_words(patterns, options);
  };
  EXPECT_EQ(words({"foo"}), Words{});
  EXPECT_EQ(words({"foo"}, {.word = true}), (Words{{"foo"}}));
  EXPECT_EQ(words({"foo bar"}, {.whole = true}), (Words{{"foo", "bar"}}));
  EXPECT_EQ(words({"a foo b"}), (Words{{"foo"}}));
  EXPECT_EQ(words({"[foo]"}), Words{}) << "a class";
  EXPECT_EQ(words({"[foo]"}, {.fixed = true}), (Words{{"foo"}}));
  EXPECT_EQ(words({" foo ", " bar "}), (Words{{"foo"}, {"bar"}}));
  EXPECT_EQ(words({" foo ", "bar"}), Words{}) << "any text may match the second";
  EXPECT_EQ(words({" Foo "}, {.ignore_case = true}), (Words{{"Foo"}}));
  EXPECT_EQ(words({" disk full "}, {.ignore_case = true}), (Words{{"full"}})) << "k and s have twins in Unicode";
  EXPECT_EQ(words({}), Words{});
}

// The filters never hide a match: with and without the hint the same entries match, whatever the pattern.
TEST(RequiredWords, FiltersHideNoMatch) {
  const test::TempFolder folder;
  const auto path = folder / "1.towl";
  std::mt19937 random(11);
  const std::vector<std::string> parts = {"disk",  "full", "Disk", "error_1", "a-b", "x=y", "\xE2\x84\xAA", "42",
                                          "/dev/", "sda1", " ",    ", ",      ":",   "\n",  "Failed",       "_"};
  {
    auto writer = FileWriter::create(path, {.file_id = 1});
    ASSERT_TRUE(writer);
    for (int i = 0; i < 30'000; ++i) {
      std::string text;
      // Neighbours use few of the parts, so that frames differ in their words.
      for (int j = 0; j < 12; ++j) text += parts[(static_cast<std::size_t>(i) / 4000 + random() % 9) % parts.size()];
      const bool journal = i % 7 == 0;
      if (journal) text = R"({"MESSAGE":"one\ntwo )" + std::to_string(i) + R"( \u0041bc","X":"y"})";
      ASSERT_TRUE(writer->append(Entry("host", i, journal ? LogFormat::journal_json : LogFormat::text, text)));
    }
    ASSERT_TRUE(writer->close());
    ASSERT_TRUE(seal(path));
  }
  const auto matching = [&](const Matcher& matcher, const ScanOptions& options) {
    std::vector<Ordinal> ordinals;
    Scan scan({path}, options);
    for (auto entry = scan.next(); entry && *entry; entry = scan.next()) {
      if (matcher.matches((*entry)->entry.log_entry)) ordinals.push_back((*entry)->ordinal);
    }
    return ordinals;
  };
  for (int round = 0; round < 60; ++round) {
    std::string pattern;
    for (std::size_t j = 0; j < 1 + random() % 4; ++j) pattern += parts[random() % parts.size()];
    const MatchOptions options = {
        .fixed = true, .ignore_case = random() % 2 == 0, .word = random() % 2 == 0, .whole = random() % 8 == 0};
    SCOPED_TRACE(testing::Message() << "\"" << pattern << "\" i" << options.ignore_case << " w" << options.word);
    const std::vector<std::string> patterns = {pattern};
    const auto matcher = Matcher::create(patterns, options);
    ASSERT_TRUE(matcher);
    ASSERT_EQ(matching(*matcher, {.words = required_words(patterns, options)}), matching(*matcher, {}));
  }
}

// A word that looks like an identifier: others may be left out of a filter.
TEST(RequiredWords, FramesWithoutTheWordAreNotRead) {
  const test::TempFolder folder;
  const auto path = folder / "1.towl";
  {
    auto writer = FileWriter::create(path, {.file_id = 1});
    for (int i = 0; i < 200'000; ++i) {
      ASSERT_TRUE(
          writer->append(Entry("host", i, LogFormat::text,
                               i == 40'000 ? "the Needle5b1f77 is here" : "hay of a hundred bytes, " + std::to_string(i))));
    }
    ASSERT_TRUE(writer->close());
    ASSERT_TRUE(seal(path));
  }
  Scan scan({path}, {.words = {{"needle5B1F77"}}});
  std::uint64_t read = 0;
  bool found = false;
  for (auto entry = scan.next(); entry && *entry; entry = scan.next()) {
    ++read;
    found |= (*entry)->ordinal == 40'000;
  }
  EXPECT_TRUE(found);
  EXPECT_LT(read, 200'000u * 3 / 4) << "the last frame is always read";
  EXPECT_GT(read, 0u);
}

}  // namespace
}  // namespace towl

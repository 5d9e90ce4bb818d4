// The filter of a whole file: it says no to what is not there, and never to what is there. spec/store-filters.md
#include "v2/file_filter.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace towl::detail::v2 {
namespace {

using Random = std::mt19937;

std::string hex(Random& random) {
  char text[24];
  std::snprintf(text, sizeof text, "%08x%08x", static_cast<unsigned>(random()), static_cast<unsigned>(random()));
  return text;
}

FileFilterBuilder built_of(const std::vector<std::vector<std::string>>& frames, std::uint64_t text_bytes,
                           std::uint64_t stored_bytes) {
  FileFilterBuilder builder;
  TokenFilterBuilder tokens;
  Ordinal end = 0;
  for (const auto& frame : frames) {
    for (const std::string& text : frame) tokens.add({"", 0, LogFormat::text, text});
    builder.add_frame(tokens, end += frame.size(), stored_bytes, text_bytes);
    tokens.clear();
  }
  return builder;
}

std::vector<OrdinalRange> places_in(const std::string& record, const std::string& token) {
  const auto head = decode_filter_head(record);
  EXPECT_TRUE(head);
  if (!head) return {};
  const std::vector<std::vector<FilterToken>> wanted = {{filter_token(token)}};
  return may_be_at(
      *head, [&](std::uint64_t offset, std::size_t bytes) { return record.substr(offset, bytes); }, wanted);
}

TEST(FileFilter, LessThanOneOfTwoHundredAbsentIdentifiersSeemsToBeThere) {
  Random random(7);
  std::vector<std::string> ids;
  for (int i = 0; i < 20'000; ++i) ids.push_back(hex(random));
  std::string record = built_of({ids}, 2 << 20, 400'000).finish();
  name_filter(record, {}, 1, 2, 3);
  EXPECT_LE(record.size(), 50'000U) << "an eighth of what is stored";
  for (const std::string& id : ids) ASSERT_EQ(places_in(record, id).size(), 1U);
  int seen = 0;
  for (int i = 0; i < 20'000; ++i) seen += places_in(record, hex(random)).empty() ? 0 : 1;
  EXPECT_LT(seen, 100);
  // With less room they are worse, and no larger.
  record = built_of({ids}, 2 << 20, 150'000).finish();
  name_filter(record, {}, 1, 2, 3);
  EXPECT_LE(record.size(), 19'500U);
  for (const std::string& id : ids) ASSERT_EQ(places_in(record, id).size(), 1U);
  seen = 0;
  for (int i = 0; i < 20'000; ++i) seen += places_in(record, hex(random)).empty() ? 0 : 1;
  EXPECT_LT(seen, 1000);
}

TEST(FileFilter, WordsStayInBesideNumbersThatHaveNoRoom) {
  Random random(9);
  const std::vector<std::string> words = {"connection", "refused", "to", "the", "authentication", "service"};
  std::vector<std::string> texts;
  for (int i = 0; i < 20'000; ++i) {
    texts.push_back(words[static_cast<std::size_t>(i) % words.size()] + " " + std::to_string(1'000'000 + i));
  }
  std::string record = built_of({texts}, 2 << 20, 200'000).finish();
  name_filter(record, {}, 1, 2, 3);
  EXPECT_LE(record.size(), 4500U) << "a fiftieth of what is stored, and the head";
  for (const std::string& word : words) EXPECT_EQ(places_in(record, word).size(), 1U) << word;
  EXPECT_EQ(places_in(record, "1000007").size(), 1U);
  int seen = 0;
  for (const char* const absent : {"disconnected", "refuse", "password", "authenticated", "an"}) {
    seen += places_in(record, absent).empty() ? 0 : 1;
  }
  EXPECT_LE(seen, 1);
  // Identifiers have an eighth and leave the rest to words, even if there are too many for it.
  for (std::string& text : texts) text += " " + hex(random);
  for (const std::uint64_t stored_bytes : {400'000U, 150'000U}) {
    record = built_of({texts}, 2 << 20, stored_bytes).finish();
    name_filter(record, {}, 1, 2, 3);
    EXPECT_LE(record.size(), stored_bytes / 8 + stored_bytes / 50 + 500);
    seen = 0;
    for (const char* const absent : {"disconnected", "refuse", "password", "authenticated", "an"}) {
      seen += places_in(record, absent).empty() ? 0 : 1;
    }
    EXPECT_LE(seen, 1) << stored_bytes;
    for (const std::string& word : words) EXPECT_EQ(places_in(record, word).size(), 1U) << word;
  }
}

// A journal has one or two times of 16 digits in each entry; almost nothing of them is stored.
TEST(FileFilter, WordsStayInWhereNoLengthOfNumbersFits) {
  Random random(10);
  const std::vector<std::string> words = {"connection", "refused", "to", "the", "authentication", "service"};
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < 40'000; ++i) {
    texts.push_back(words[i % words.size()] + " " + std::to_string(1'795'000'000'000'000 + 50'001 * i));
  }
  const auto check = [&](std::uint64_t stored_bytes) {
    std::string record = built_of({texts}, 2 << 20, stored_bytes).finish();
    name_filter(record, {}, 1, 2, 3);
    EXPECT_LE(record.size(), stored_bytes / 50 + 500);
    for (const std::string& word : words) EXPECT_EQ(places_in(record, word).size(), 1U) << word;
    EXPECT_EQ(places_in(record, "1795000000050001").size(), 1U);
    EXPECT_EQ(places_in(record, "1795000000050002").size(), 1U) << "numbers are left out";
    int seen = 0;
    for (const char* const absent : {"disconnected", "refuse", "password", "authenticated", "an"}) {
      seen += places_in(record, absent).empty() ? 0 : 1;
    }
    EXPECT_LE(seen, 1);
    return record;
  };
  check(60'000);
  // Identifiers of letters and digits are left out as well, if they have no room.
  std::vector<std::string> ids;
  for (std::size_t i = 0; i < 40'000; ++i) {
    if (i % 20 == 0) ids.push_back("a" + hex(random));
    texts[i] += " " + ids.back();
  }
  std::string record = built_of({texts}, 2 << 20, 60'000).finish();
  name_filter(record, {}, 1, 2, 3);
  EXPECT_TRUE(places_in(record, "b0123456789abcdef").empty()) << "these have room";
  for (const std::string& id : ids) ASSERT_EQ(places_in(record, id).size(), 1U);
  for (std::string& text : texts) text += " c" + hex(random);
  record = check(60'000);
  for (const std::string& id : ids) ASSERT_EQ(places_in(record, id).size(), 1U);
}

TEST(FileFilter, TellsInWhichStretchesAWordMayBe) {
  Random random(8);
  std::vector<std::vector<std::string>> frames;
  for (int i = 0; i < 40; ++i) {
    auto& frame = frames.emplace_back();
    for (int n = 0; n < 50; ++n) frame.push_back("id " + hex(random));
  }
  // Each frame is a stretch.
  std::string record = built_of(frames, 12 << 20, 1 << 20).finish();
  name_filter(record, {}, 1, 2, 3);
  const auto head = decode_filter_head(record);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->groups.size(), 3U);
  int more = 0;
  for (std::size_t i = 0; i < frames.size(); ++i) {
    for (const std::string& text : frames[i]) {
      const auto places = places_in(record, text.substr(3));
      const bool is_there = std::any_of(places.begin(), places.end(), [&](const OrdinalRange& range) {
        return range.begin <= 50 * i && range.end >= 50 * (i + 1);
      });
      ASSERT_TRUE(is_there) << i;
      more += places.size() > 1 ? 1 : 0;
    }
  }
  EXPECT_LT(more, 500);
  EXPECT_EQ(places_in(record, "id").size(), 1U) << "it is everywhere";
}

TEST(FileFilter, AFrameWithoutAFilterMayHoldEverything) {
  FileFilterBuilder builder;
  TokenFilterBuilder tokens;
  for (const Ordinal end : {Ordinal{10}, Ordinal{20}, Ordinal{30}}) {
    tokens.add({"", 0, LogFormat::text, "word" + std::to_string(end)});
    if (end == 20) tokens.add({"", 0, LogFormat::journal_json, R"({"MESSAGE":[1,2]})"});
    builder.add_frame(tokens, end, 1 << 20, 12 << 20);
    tokens.clear();
  }
  std::string record = builder.finish();
  name_filter(record, {}, 1, 2, 3);
  EXPECT_EQ(places_in(record, "nowhere7"), (std::vector<OrdinalRange>{{10, 20}}));
  EXPECT_EQ(places_in(record, "word30"), (std::vector<OrdinalRange>{{10, 30}}));
  // Nothing at all is known of this one.
  record = FileFilterBuilder().finish();
  name_filter(record, {}, 1, 2, 3);
  ASSERT_TRUE(decode_filter_head(record));
  EXPECT_TRUE(decode_filter_head(record)->groups.empty());
}

// A bit that damage took away would say that a word is nowhere.
TEST(FileFilter, ADamagedBlockSaysOfNothingThatItIsNotThere) {
  Random random(10);
  std::vector<std::string> ids;
  for (int i = 0; i < 3'000; ++i) ids.push_back(hex(random));
  std::string record = built_of({ids}, 2 << 20, 400'000).finish();
  name_filter(record, {}, 1, 2, 3);
  const auto head = decode_filter_head(record);
  ASSERT_TRUE(head);
  // All but the head: bits are lost, and checksums are hit.
  for (int round = 0; round < 50; ++round) {
    std::string bad = record;
    for (std::size_t at = *filter_head_bytes(record); at < bad.size(); at += 1 + random() % 200) {
      bad[at] = static_cast<char>(bad[at] & static_cast<char>(random()));
    }
    for (const std::string& id : ids) ASSERT_EQ(places_in(bad, id).size(), 1U) << round;
  }
}

TEST(FileFilter, AHeadInWhichABitWasFlippedIsNone) {
  std::string record = built_of({{"a", "b1"}, {"c2"}}, 20 << 20, 1000).finish();
  name_filter(record, {}, 1, 2, 3);
  const std::size_t bytes = *filter_head_bytes(record);
  for (std::size_t bit = 0; bit < 8 * bytes; ++bit) {
    std::string bad = record;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(decode_filter_head(bad)) << bit;
  }
}

TEST(FileFilter, OddHeadsAreNone) {
  Random random(9);
  std::string record = built_of({{"a", "b1"}, {"c2"}}, 20 << 20, 1000).finish();
  name_filter(record, {}, 1, 2, 3);
  ASSERT_TRUE(decode_filter_head(record));
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = record;
    bad.resize(random() % (bad.size() + 1));
    for (int n = 0; n < 3 && !bad.empty(); ++n) bad[random() % bad.size()] = static_cast<char>(random());
    if (random() % 2 == 0 && bad.size() >= 64) name_filter(bad, {}, 1, 2, 3);  // With a checksum that fits.
    const auto head = decode_filter_head(bad);
    if (!head || head->groups.empty()) continue;
    const std::vector<std::vector<FilterToken>> wanted = {{filter_token("abc123")}};
    may_be_at(
        *head,
        [&](std::uint64_t offset, std::size_t bytes) -> std::optional<std::string> {
          if (offset > bad.size() || bytes > bad.size() - offset) return std::nullopt;
          return bad.substr(offset, bytes);
        },
        wanted);
  }
}

}  // namespace
}  // namespace towl::detail::v2

#include "v2/token_filter.hpp"

#include <gtest/gtest.h>

#include <random>

namespace towl::detail::v2 {
namespace {

EntryView text_entry(std::string_view text, LogFormat format = LogFormat::text) { return {"host", 0, format, text}; }

// What was added is always found, whatever the length of tokens, their case, and what stands behind them.
TEST(TokenFilter, HoldsEveryTokenThatWasAdded) {
  std::mt19937 random(3);
  TokenFilterBuilder builder;
  for (int round = 0; round < 20; ++round) {
    std::vector<std::string> tokens;
    std::string text;
    for (int i = 0; i < 5000; ++i) {
      std::string token;
      for (std::size_t j = 0; j < 1 + random() % 40; ++j) {
        token += "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"[random() % 63];
      }
      tokens.push_back(token);
      text += token;
      if (i % 50 == 49) {
        builder.add(text_entry(text));
        text.clear();
      } else {
        text += " -.\xC3"[random() % 4];
      }
    }
    const std::string filter = builder.finish();
    for (const std::string& token : tokens) ASSERT_TRUE(may_hold(filter, token_hash(token))) << token;
  }
}

TEST(TokenFilter, LacksAlmostAllOthers) {
  TokenFilterBuilder builder;
  for (int i = 0; i < 20'000; ++i) builder.add(text_entry("there" + std::to_string(i) + "/x"));
  const std::string filter = builder.finish();
  EXPECT_NEAR(static_cast<double>(filter.size()), 20'001, 64);
  int wrong = 0;
  for (int i = 0; i < 20'000; ++i) wrong += may_hold(filter, token_hash("absent" + std::to_string(i))) ? 1 : 0;
  EXPECT_LT(wrong, 1000) << "of 20,000; about 2% are expected";
  EXPECT_FALSE(may_hold(filter, token_hash("there")));
}

TEST(TokenFilter, ForgetsWhatWasInTheFrameBefore) {
  TokenFilterBuilder builder;
  builder.add(text_entry("first"));
  EXPECT_TRUE(may_hold(builder.finish(), token_hash("FIRST")));
  builder.add(text_entry("second"));
  const std::string filter = builder.finish();
  EXPECT_FALSE(may_hold(filter, token_hash("first")));
  EXPECT_TRUE(may_hold(filter, token_hash("second")));
}

// A journal's message is searched as it was logged, not as JSON writes it.
TEST(TokenFilter, HoldsWhatEscapesStandFor) {
  TokenFilterBuilder builder;
  builder.add(text_entry(R"({"MESSAGE":"one\ntwo \u0041bc \"quoted\""})", LogFormat::journal_json));
  const std::string filter = builder.finish();
  for (const char* token : {"MESSAGE", "one", "two", "Abc", "quoted"}) EXPECT_TRUE(may_hold(filter, token_hash(token)));
}

TEST(TokenFilter, ThereIsNoneWithAFieldOfBytes) {
  TokenFilterBuilder builder;
  builder.add(text_entry(R"({"MESSAGE":[72,105]})", LogFormat::journal_json));
  EXPECT_EQ(builder.finish(), "");
  EXPECT_TRUE(may_hold("", token_hash("hi")));
  builder.add(text_entry("later"));
  EXPECT_NE(builder.finish(), "");
}

}  // namespace
}  // namespace towl::detail::v2

#include "v2/token_filter.hpp"

#include <gtest/gtest.h>

#include <random>

namespace towl::detail::v2 {
namespace {

EntryView text_entry(std::string_view text, LogFormat format = LogFormat::text) { return {"host", 0, format, text}; }

// What was added is always found, for any length and case of tokens, and no matter what comes after them.
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
    for (const std::string& token : tokens) ASSERT_TRUE(may_hold(filter, filter_token(token))) << token;
  }
}

TEST(TokenFilter, LacksAlmostAllOthers) {
  TokenFilterBuilder builder;
  for (int i = 0; i < 20'000; ++i) builder.add(text_entry("there" + std::to_string(i) + "/x"));
  const std::string filter = builder.finish();
  EXPECT_NEAR(static_cast<double>(filter.size()), 8 + 20'001 * 12 / 8, 64);
  int wrong = 0;
  for (int i = 0; i < 20'000; ++i) wrong += may_hold(filter, filter_token("absent" + std::to_string(i))) ? 1 : 0;
  EXPECT_LT(wrong, 200) << "of 20,000: at most 1%";
  EXPECT_FALSE(may_hold(filter, filter_token("there")));
}

// With any budget: what is left out may be there, and what is kept is what looks like an identifier.
TEST(TokenFilter, KeepsToItsBudgetAndMissesNothing) {
  std::mt19937_64 random(5);
  std::vector<std::string> tokens;
  for (int i = 0; i < 3000; ++i) {
    tokens.push_back("word" + std::string(static_cast<std::size_t>(i % 20), static_cast<char>('a' + i % 26)));
    tokens.push_back(std::to_string(random() >> (random() % 60)));
    tokens.push_back("x" + std::to_string(random()));
  }
  std::size_t kept = 0;
  for (const std::size_t most : {std::size_t{0}, std::size_t{71}, std::size_t{72}, std::size_t{1000}, std::size_t{4000},
                                 std::size_t{6000}, std::size_t{9000}, ~std::size_t{0}}) {
    SCOPED_TRACE(most);
    TokenFilterBuilder builder;
    for (const std::string& token : tokens) builder.add(text_entry(token));
    const std::string filter = builder.finish(most);
    EXPECT_LE(filter.size(), most);
    for (const std::string& token : tokens) ASSERT_TRUE(may_hold(filter, filter_token(token))) << token;
    int wrong = 0;
    for (int i = 0; i < 1000; ++i)
      wrong += may_hold(filter, filter_token("y" + std::to_string(random() | 1ULL << 60))) ? 1 : 0;
    kept += wrong < 20 ? 1 : 0;
    const bool are_left_out = filter.empty() || filter[2] > 19;
    EXPECT_TRUE(wrong < 20 || are_left_out) << wrong;
  }
  EXPECT_GE(kept, 2U);
}

TEST(TokenFilter, ForgetsWhatWasInTheFrameBefore) {
  TokenFilterBuilder builder;
  builder.add(text_entry("first"));
  EXPECT_TRUE(may_hold(builder.finish(), filter_token("FIRST")));
  builder.add(text_entry("second"));
  const std::string filter = builder.finish();
  EXPECT_FALSE(may_hold(filter, filter_token("first")));
  EXPECT_TRUE(may_hold(filter, filter_token("second")));
}

// A journal's message is searched as it was logged, not as JSON writes it.
TEST(TokenFilter, HoldsWhatEscapesStandFor) {
  TokenFilterBuilder builder;
  builder.add(text_entry(R"({"MESSAGE":"one\ntwo \u0041bc \"quoted\""})", LogFormat::journal_json));
  const std::string filter = builder.finish();
  for (const char* token : {"MESSAGE", "one", "two", "Abc", "quoted"})
    EXPECT_TRUE(may_hold(filter, filter_token(token)));
}

TEST(TokenFilter, ThereIsNoneWithAFieldOfBytes) {
  TokenFilterBuilder builder;
  for (const char* const json :
       {R"({"MESSAGE":[72,105]})", R"({"MESSAGE": [ 72, 105 ]})", "{\"MESSAGE\":  [\t72]}", "{\"MESSAGE\":\n[72]}",
        R"({"MESSAGE":["a",[72,105]]})", R"({"MESSAGE":[[72,105],"a"]})", R"({"A":"\\","MESSAGE":[72]})",
        R"({"A":"x: [3] \"","MESSAGE":[72]})"}) {
    builder.add(text_entry(json, LogFormat::journal_json));
    EXPECT_EQ(builder.finish(), "") << json;
  }
  EXPECT_TRUE(may_hold("", filter_token("hi")));
  builder.add(text_entry("later"));
  EXPECT_NE(builder.finish(), "");
}

// Messages are full of brackets.
TEST(TokenFilter, BracketsInAMessageAreNoFieldOfBytes) {
  TokenFilterBuilder builder;
  for (const char* const json : {R"({"MESSAGE":"LDAP: [client 1.2.3.4] [12]"})", R"({"MESSAGE":"pid: [12], [7]"})",
                                 R"({"A":["x","y"],"MESSAGE":"\"took: [12]\" sshd[12]"})", R"({"A":[],"B":[{}]})"}) {
    builder.add(text_entry(json, LogFormat::journal_json));
    EXPECT_NE(builder.finish(), "") << json;
  }
}

}  // namespace
}  // namespace towl::detail::v2

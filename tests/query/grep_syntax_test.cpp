#include "grep_syntax.hpp"

#include <gmock/gmock.h>

namespace towl::detail {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> runs(std::string_view pattern, const MatchOptions& options = {}) {
  std::vector<std::string> texts;
  for (const LiteralRun& run : literal_runs(pattern, options)) {
    texts.push_back((run.begins_word ? "|" : "") + run.text + (run.ends_word ? "|" : ""));
  }
  return texts;
}

TEST(LiteralRuns, AreWhatEveryMatchHas) {
  EXPECT_THAT(runs("foo"), ElementsAre("foo"));
  EXPECT_THAT(runs("foo", {.word = true}), ElementsAre("|foo|"));
  EXPECT_THAT(runs("a.c", {.fixed = true}), ElementsAre("a.c"));
  EXPECT_THAT(runs("foo.*bar"), ElementsAre("foo", "bar"));
  EXPECT_THAT(runs("fo+bar"), ElementsAre("fo", "bar"));
  EXPECT_THAT(runs("fo*bar"), ElementsAre("f", "bar"));
  EXPECT_THAT(runs("fo?bar"), ElementsAre("f", "bar"));
  EXPECT_THAT(runs("fo{0,2}bar"), ElementsAre("f", "bar"));
  EXPECT_THAT(runs("x{bar"), ElementsAre("x{bar"));
  EXPECT_THAT(runs("a(b|c)d"), ElementsAre("a", "d"));
  EXPECT_THAT(runs("a|b"), IsEmpty());
  EXPECT_THAT(runs("(?i)abc"), IsEmpty());
  EXPECT_THAT(runs(R"(sshd\[\d+\]: Failed)"), ElementsAre("sshd[", "]: Failed"));
  EXPECT_THAT(runs(R"(\Qa.b\Ec)"), ElementsAre("a.bc"));
  EXPECT_THAT(runs(R"(\<sshd\>)"), ElementsAre("|sshd|"));
  EXPECT_THAT(runs(R"(^a\sb$)"), ElementsAre("|a|", "|b|"));
  EXPECT_THAT(runs(R"(a\s*b)"), ElementsAre("a", "b"));
  EXPECT_THAT(runs("caf\u00e9?x"), ElementsAre("caf", "x"));
  EXPECT_THAT(runs("[abc"), IsEmpty());
}

std::string found(const std::string& pattern, std::string_view text, const MatchOptions& options = {},
                  std::size_t from = 0) {
  const std::vector<std::string> patterns = {pattern};
  const auto matcher = Matcher::create(patterns, options);
  EXPECT_TRUE(matcher) << pattern << ": " << matcher.error().to_string();
  if (!matcher) return "?";
  const auto span = matcher->find(text, from);
  if (from == 0) {
    EXPECT_EQ(matcher->matches(text), span.has_value()) << pattern << " in " << text;
  }
  if (!span) return "-";
  return std::string(text.substr(span->begin, span->end - span->begin)) + "@" + std::to_string(span->begin);
}

TEST(GrepSyntax, WordBoundariesAreGreps) {
  EXPECT_EQ(found(R"(\<sshd\>)", "x sshd[12]"), "sshd@2");
  EXPECT_EQ(found(R"(\<sshd\>)", "xsshd sshd2"), "-");
  EXPECT_EQ(found(R"(\<sshd\>)", "\u00e9sshd"), "-") << "letters of all scripts";
  EXPECT_EQ(found(R"(\<.)", " foo"), "f@1") << "what RE2 has no boundary for";
  EXPECT_EQ(found(R"(.\>)", "foo "), "o@2");
  EXPECT_EQ(found(R"(\>.\<)", "foo bar"), " @3");
  EXPECT_EQ(found(R"(foo\<)", "foo bar"), "-");
  EXPECT_EQ(found(R"(\b\<foo\>\b)", "a foo"), "foo@2");
  EXPECT_EQ(found(R"(\bfoo\b)", "\u00e9foo foo\u00e9 foo"), "foo@12");
  EXPECT_EQ(found(R"(\b)", "\u00e9"), "@0");
  EXPECT_EQ(found(R"(o\B)", "\u00e9o o\u00e9"), "o@4");
  EXPECT_EQ(found(R"(^\<b)", "a\nb"), "b@2");
  EXPECT_EQ(found(R"(a\>$)", "a\nb"), "a@0");
  EXPECT_EQ(found(R"(\<b\>)", "a b b", {}, 3), "b@4");
  EXPECT_EQ(found(R"(\<B\>)", "\u00e9 b", {.ignore_case = true}), "b@3");
}

TEST(GrepSyntax, ClassesKnowAllScripts) {
  EXPECT_EQ(found(R"(\w+)", "- \u00e9t\u00e9_1 -"), "\u00e9t\u00e9_1@2");
  EXPECT_EQ(found(R"(\W+)", "\u00e9- \u00e9"), "- @2");
  EXPECT_EQ(found("[[:alpha:]]+", "1\u00e9a1"), "\u00e9a@1");
  EXPECT_EQ(found("[[:alnum:]_-]+", " \u00e9-1 "), "\u00e9-1@1");
  EXPECT_EQ(found("[^[:alpha:]]", "\u00e9a1"), "1@3");
  EXPECT_EQ(found("[[:upper:]]", "a\u00c9"), "\u00c9@1");
  EXPECT_EQ(found("[[:digit:]]+", "a12"), "12@1");
  EXPECT_EQ(found("[]x]", "a]"), "]@1");
  EXPECT_EQ(found("[[:space:]]", "a\u00a0"), "\u00a0@1");
}

// One byte that is no character makes no other rules for the rest of the text.
TEST(GrepSyntax, WordsAreTheSameInATextThatIsNotUtf8) {
  const MatchOptions word = {.word = true};
  EXPECT_EQ(found("foo", "\xff \u00e9foo", word), "-");
  EXPECT_EQ(found("foo", "\xff \u00e9foo foo", word), "foo@8");
  EXPECT_EQ(found("foo", "\xff\x66oo", word), "foo@1");
  EXPECT_EQ(found("fo.", "\xff \u00e9 foo\xfe", word), "foo@5");
  EXPECT_EQ(found("^foo$", "\xff\nfoo", word), "foo@2");
  EXPECT_EQ(found("\xff", "a \xff", word), "\xff@2") << "a pattern that is not UTF-8 is meant byte for byte";
}

TEST(GrepSyntax, WhatIsNoPatternIsRefused) {
  for (const char* pattern : {"(", ")", "[a", "a{2,1}", "*", "\\", "[b-a]", "(?<x", "\\2"}) {
    const std::vector<std::string> patterns = {pattern};
    EXPECT_FALSE(Matcher::create(patterns)) << pattern;
  }
}

}  // namespace
}  // namespace towl::detail

#include "towl/query/matcher.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace towl {
namespace {

Matcher make(const std::vector<std::string>& patterns, const MatchOptions& options = {}) {
  auto matcher = Matcher::create(patterns, options);
  EXPECT_TRUE(matcher) << matcher.error().to_string();
  return std::move(*matcher);
}

/// The part of `text` that matches, or "-".
std::string found(const Matcher& matcher, std::string_view text, std::size_t from = 0) {
  const auto span = matcher.find(text, from);
  return span ? std::string(text.substr(span->begin, span->end - span->begin)) + "@" + std::to_string(span->begin)
              : "-";
}

TEST(Matcher, LiteralsAndExpressionsFindTheLeftmostLongest) {
  EXPECT_EQ(found(make({"b"}), "abcb"), "b@1");
  EXPECT_EQ(found(make({"b"}), "abcb", 2), "b@3");
  EXPECT_EQ(found(make({"b+|bc"}), "abbcb"), "bb@1");
  EXPECT_EQ(found(make({"a|ab|abc"}), "xabcd"), "abc@1");
  EXPECT_EQ(found(make({"x"}), "abc"), "-");
  EXPECT_EQ(found(make({"c", "b", "bc"}), "abcd"), "bc@1");
  EXPECT_EQ(found(make({R"(\d+ ms)"}), "took 125 ms"), "125 ms@5");
}

TEST(Matcher, FixedPatternsAreNotExpressions) {
  EXPECT_EQ(found(make({"a.c"}, {.fixed = true}), "abc a.c"), "a.c@4");
  EXPECT_EQ(found(make({"(", "["}, {.fixed = true}), "a[b("), "[@1");
  EXPECT_EQ(found(make({"a.C"}, {.fixed = true, .ignore_case = true}), "abc A.c"), "A.c@4");
}

TEST(Matcher, CaseIsIgnoredWhereAsked) {
  EXPECT_EQ(found(make({"error"}, {.ignore_case = true}), "An ERROR"), "ERROR@3");
  EXPECT_EQ(found(make({"caf\u00e9"}, {.ignore_case = true}), "CAF\u00c9"), "CAF\u00c9@0");
  EXPECT_EQ(found(make({"error"}), "An ERROR"), "-");
}

TEST(Matcher, AWordTouchesNoWordCharacter) {
  const MatchOptions word = {.word = true};
  EXPECT_EQ(found(make({"foo"}, word), "foobar foo"), "foo@7");
  EXPECT_EQ(found(make({"foo"}, word), "xfoo foo_ foo1 -foo-"), "foo@16");
  EXPECT_EQ(found(make({"foo"}, word), "foo"), "foo@0");
  EXPECT_EQ(found(make({"foo"}, word), "foofoo"), "-");
  EXPECT_EQ(found(make({"fo*"}, word), "foox fo"), "fo@5");
  EXPECT_EQ(found(make({"a.*"}, word), "ab cd"), "ab cd@0");
  EXPECT_EQ(found(make({"[a-z ]+b"}, word), "xx ab abc"), "xx ab@0");
  EXPECT_EQ(found(make({"caf"}, word), "caf\u00e9 caf"), "caf@6");
  EXPECT_EQ(found(make({"foo"}, word), "\xff\x66oo"), "foo@1");
  EXPECT_EQ(found(make({"foo"}, word), "foo foo", 1), "foo@4");
  EXPECT_EQ(found(make({"foo"}, word), "foo foo", 3), "foo@4");
  EXPECT_EQ(found(make({"foo"}, word), "\u00e9 foo", 2), "foo@3");
  EXPECT_EQ(found(make({"foo"}, word), "\u00e9foo", 2), "-");
  EXPECT_EQ(found(make({"FOO"}, {.ignore_case = true, .word = true}), "xfoo Foo"), "Foo@5");
  EXPECT_EQ(found(make({"foo.bar"}, {.fixed = true, .word = true}), "foo.barx foo.bar"), "foo.bar@9");
  EXPECT_EQ(found(make({""}, word), "ab cd"), "-");
  EXPECT_EQ(found(make({""}, word), ""), "@0");
}

TEST(Matcher, AWordMayEndWithTheText) {
  const std::vector<std::string> patterns = {"disk", "(disk )+"};
  EXPECT_EQ(found(make(patterns, {.word = true}), "disk "), "disk @0");
  EXPECT_EQ(found(make(patterns, {.word = true}), "a disk disk "), "disk disk @2");
  EXPECT_EQ(found(make(patterns, {.word = true}), "disk full"), "disk@0");
  EXPECT_EQ(found(make({"\\<.|a-b"}, {.word = true}), "a-"), "a@0");
}

// Nothing is around it, no matter what the pattern itself says about words.
TEST(Matcher, AWholeTextIsAWord) {
  for (const bool word : {false, true}) {
    const MatchOptions whole = {.word = word, .whole = true};
    EXPECT_EQ(found(make({R"(\<.)"}, whole), "x"), "x@0");
    EXPECT_EQ(found(make({R"(.\>)", "^disk"}, whole), "_"), "_@0");
    EXPECT_EQ(found(make({R"(\<.)"}, whole), "xy"), "-");
    EXPECT_EQ(found(make({"-x-"}, whole), "-x-"), "-x-@0");
  }
}

TEST(Matcher, WholeIsTheWholeText) {
  EXPECT_EQ(found(make({"a|ab"}, {.whole = true}), "ab"), "ab@0");
  EXPECT_EQ(found(make({"b"}, {.whole = true}), "ab"), "-");
  EXPECT_EQ(found(make({""}, {.whole = true}), ""), "@0");
  EXPECT_EQ(found(make({""}, {.whole = true}), "a"), "-");
  EXPECT_EQ(found(make({"ab"}, {.fixed = true, .whole = true}), "ab"), "ab@0");
}

TEST(Matcher, AnyBytesAreText) {
  using std::literals::string_view_literals::operator""sv;
  EXPECT_EQ(found(make({"b"}),
                  "\0\xff"
                  "b"sv),
            "b@2");
  EXPECT_EQ(found(make({"[b]"}),
                  "\0\xff"
                  "b"sv),
            "b@2");
  EXPECT_EQ(found(make({"\xff"}), "a\xff"), "\xff@1");
  EXPECT_EQ(found(make({"[\xff]"}), "a\xff"), "\xff@1");
  EXPECT_EQ(found(make({"a.c"}),
                  "a\u00e9"
                  "c"),
            "a\u00e9"
            "c@0");
}

TEST(Matcher, SeveralLinesAreMatchedLineByLine) {
  EXPECT_EQ(found(make({"^b$"}), "a\nb\nc"), "b@2");
  EXPECT_EQ(found(make({"a.b"}), "a\nb"), "-");
}

TEST(Matcher, NoPatternMatchesNothingAndAnEmptyOneEverything) {
  EXPECT_EQ(found(make({}), "abc"), "-");
  EXPECT_EQ(found(make({""}), "abc"), "@0");
  EXPECT_EQ(found(make({"", "x"}), "abc"), "@0");
  EXPECT_TRUE(make({""}).matches(""));
}

TEST(Matcher, AQuotationEndsWithItsPattern) {
  EXPECT_EQ(found(make({"\\Qa.b"}), "axb a.b"), "a.b@4");
  EXPECT_EQ(found(make({"\\Qa.b", "c+"}), "axb ccc"), "ccc@4");
  EXPECT_EQ(found(make({"\\Qa.\\Eb"}), "a.b"), "a.b@0");
}

TEST(Matcher, AWrongExpressionSaysWhy) {
  const std::vector<std::string> patterns = {"fine", "(unclosed"};
  const auto matcher = Matcher::create(patterns);
  ASSERT_FALSE(matcher);
  EXPECT_EQ(matcher.error().code, ErrorCode::invalid_argument);
  EXPECT_NE(matcher.error().message.find("(unclosed"), std::string::npos);
  EXPECT_NE(matcher.error().message.find("missing )"), std::string::npos);
}

// In time linear in the text: with backtracking these would not end.
TEST(Matcher, NoPatternTakesForEver) {
  const std::string text(1 << 20, 'a');
  EXPECT_EQ(found(make({"(a*)*b"}), text), "-");
  EXPECT_EQ(found(make({"(a|aa)+$"}), text + "b"), "-");
  EXPECT_EQ(found(make({"a*"}, {.word = true}), "x" + text + "x"), "-");
  std::string words;
  while (words.size() < text.size()) words += "connection errors ab ";
  EXPECT_EQ(found(make({"conn.*err"}, {.word = true}), words), "-");
  EXPECT_EQ(found(make({"(ab )*a"}, {.word = true}), words), "-");
  EXPECT_EQ(found(make({"a*"}, {.word = true}), text + " x"), text + "@0");
}

}  // namespace
}  // namespace towl

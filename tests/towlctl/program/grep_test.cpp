// towlctl grep against GNU grep: the same patterns and options find the same lines. It also tests the engine below it:
// pruning changes no answer, even with context, backwards or with limits.
#include <random>

#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

class Grep : public TowlctlProgram {
 protected:
  /// What GNU grep prints of the file "lines".
  ProcessResult gnu_grep(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"grep", "-E", "-a"});
    arguments.emplace_back("lines");
    return run(arguments, {.environment = {{"LC_ALL", "C.UTF-8"}}, .folder = folder_.path()});
  }

  void store_lines(const std::string& lines) {
    write("lines", lines);
    append("store", lines, {"--log-format", "text", "--title", "log"});
  }
};

// No bytes that are not UTF-8: next to such a byte GNU grep finds neither the end of a word nor its inside.
const std::vector<std::string> kWords = {
    "disk", "full", "Disk", "sshd",        "sshd[12]:", "error_1", "a-b",   "\xC3\xA9t\xC3\xA9", "x=y", "/dev/", "sda1",
    ",",    ":",    "42",   "caf\xC3\xA9", "foo",       "_",       "(foo)", "diskfull"};

const std::vector<std::string> kPatterns = {
    "disk",      "full", R"(\<sshd\>)", R"(\bfoo\b)",  R"(\<.)",       R"(\w+_1)", "[[:alpha:]]+=", "[[:digit:]]{2}",
    "^disk",     "1$",   "disk|full",   "(disk )+",    "d.sk",         "[^a-z ]+", R"(\(foo\))",    "[[:upper:]]",
    R"(\W$)",    "caf",  "sshd[[]",     "e?rror",      "[[:space:]]x", R"(foo\>)", "x=y.*42",       R"(\Bdisk\B)",
    R"(\Bfull)", "zzz",  "\xC3\xA9",    "[\xC3\xA9x]", "a-b|,"};

TEST_F(Grep, FindsWhatGnuGrepFinds) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::string lines;
  for (int i = 0; i < 400; ++i) {
    std::string line;
    for (std::size_t j = 0; j < 1 + random() % 7; ++j)
      line += kWords[random() % kWords.size()] + (random() % 4 == 0 ? "" : " ");
    lines += line + "\n";
  }
  store_lines(lines);
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    std::vector<std::string> arguments;
    for (const char* option : {"-i", "-w", "-v", "-c", "-o", "-x"}) {
      if (random() % 5 == 0) arguments.emplace_back(option);
    }
    for (std::size_t i = 0; i < 1 + random() % 2; ++i) {
      arguments.emplace_back("-e");
      arguments.push_back(kPatterns[random() % kPatterns.size()]);
    }
    const auto has = [&](const char* option) {
      return std::find(arguments.begin(), arguments.end(), option) != arguments.end();
    };
    const bool parts = has("-o");
    // There GNU grep 3.8 leaves matches out: of `[éx]` and `[[:alpha:]]+=` it finds the first x in "x=y x=y" alone; and with -x
    // it also prints empty lines.
    if (parts && has("-w")) continue;
    if (!parts && random() % 4 == 0) arguments.emplace_back("-2");
    SCOPED_TRACE(testing::PrintToString(arguments));
    auto ours = arguments;
    ours.insert(ours.begin(), "grep");
    const ProcessResult expected = gnu_grep(arguments);
    const ProcessResult got = towlctl(ours);
    EXPECT_EQ(got.out, expected.out) << got.err;
    EXPECT_EQ(got.code, expected.code);
  }
}

TEST_F(Grep, OptionsThatGrepHasAreTakenOrRefusedWithAHint) {
  store_lines("one\ntwo\nthree\nfour\nfive\n");
  EXPECT_EQ(towlctl({"grep", "-1", "three"}).out, "two\nthree\nfour\n");
  EXPECT_EQ(towlctl({"grep", "-H", "three"}).out, "store/1.towl:three\n");
  EXPECT_EQ(towlctl({"grep", "-L", "nothing"}).out, "store/1.towl\n");
  EXPECT_EQ(towlctl({"grep", "-L", "three"}).out, "");
  EXPECT_EQ(towlctl({"grep", "-m", "1", "-A", "1", "t"}).out, "two\nthree\n");
  EXPECT_EQ(towlctl({"grep", "-j", "2", "-c", "o"}).out, "3\n");
  EXPECT_EQ(towlctl({"grep", "one\nfour"}).out, "one\nfour\n") << "a pattern of two lines is two";
  EXPECT_EQ(towlctl({"grep", "--title", "nothing", "one"}).code, 1);
}

TEST_F(Grep, TheMessageIsSearchedAndTheStoredTextWithRaw) {
  append("store", "{\"MESSAGE\":\"disk full\",\"x\":\"y\"}\n", {"--log-format", "journal-json"});
  EXPECT_EQ(towlctl({"grep", "-c", "^disk"}).out, "1\n");
  EXPECT_EQ(towlctl({"grep", "-c", "MESSAGE"}).out, "0\n");
  EXPECT_EQ(towlctl({"grep", "-c", "--raw", "MESSAGE"}).out, "1\n");
}

TEST_F(Grep, QueryGivesTheSameAndTables) {
  store_lines("one error\ntwo\nthree error\nfour\n");
  EXPECT_EQ(towlctl({"query", "error"}).out, towlctl({"grep", "-w", "error"}).out);
  EXPECT_EQ(towlctl({"query", "error | limit 1"}).out, "one error\n");
  EXPECT_EQ(towlctl({"query", "error | offset 1"}).out, "three error\n");
  EXPECT_EQ(towlctl({"query", "* | stats count() as n, count_uniq(_msg) u"}).out, "n  u\n4  4\n");
  EXPECT_EQ(towlctl({"query", "* | fields _msg | sort by (_msg) limit 2", "-o", "csv"}).out,
            "_msg\r\nfour\r\none error\r\n");
  EXPECT_EQ(towlctl({"query", "* | count() n", "-o", "json"}).out, "{\"n\":4}\n");
  EXPECT_EQ(towlctl({"stats", "--by", "_title"}).out, "_title  count\nlog         4\n");
  EXPECT_EQ(towlctl({"show", "1:2", "-C", "1"}).out, "1-two\n2:three error\n3-four\n");
  const std::string json = towlctl({"cat", "-n", "1", "-o", "json"}).out;
  const auto at = json.find("\"file_uuid\":\"");
  ASSERT_NE(at, std::string::npos) << json;
  EXPECT_EQ(towlctl({"show", "towl://" + json.substr(at + 13, 32) + "/3"}).out, "four\n");
}

}  // namespace
}  // namespace towl::test

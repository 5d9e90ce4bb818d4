// Lines of containers: the parts of each stream are put together, and lines of a trace joined, anywhere in the chain.
#include "parse/join_state.hpp"

#include "parse/join_rule.hpp"
#include "towld/parse/parse_support.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A source of lines with a chain.
class Lines {
 public:
  explicit Lines(const std::string& parsers) : chain_(*test::make_chain(parsers)), state_(chain_, 1 << 20) {}

  /// Takes the lines, each with its newline, as a file has them.
  void add(const std::string& text) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t end = text.find('\n', at) + 1;
      Draft draft;
      draft.text = text.substr(at, end - at - 1);
      state_.add(draft, begin_ + at, begin_ + end, failures_, [this](Draft& one) { take(one); });
      at = end;
    }
    begin_ += text.size();
  }

  void flush() {
    state_.flush(failures_, [this](Draft& one) { take(one); });
  }

  /// As after a crash in which all that was emitted was stored: reads `text` again from the stored position.
  void read_again(const std::string& text) {
    const JoinProgress progress = state_.progress();
    state_.restore(progress);
    begin_ = progress.offset;
    add(text.substr(progress.offset));
  }

  const std::vector<std::string>& texts() const { return texts_; }
  const std::vector<Draft>& drafts() const { return drafts_; }
  JoinState& state() { return state_; }
  std::uint64_t failures() const { return failures_; }

 private:
  void take(Draft& draft) {
    texts_.push_back(draft.text);
    drafts_.push_back(draft);
  }

  ParserChain chain_;
  JoinState state_;
  std::uint64_t begin_ = 0;
  std::atomic<std::uint64_t> failures_ = 0;
  std::vector<std::string> texts_;
  std::vector<Draft> drafts_;
};

constexpr const char* kCri =
    "2016-10-06T00:17:09.1Z stdout F plain\n"
    "2016-10-06T00:17:10.1Z stdout P 1\n"
    "2016-10-06T00:17:10.2Z stderr F other\n"
    "2016-10-06T00:17:10.3Z stdout P:x 3\n"
    "2016-10-06T00:17:10.4Z stdout F 4\n";

constexpr const char* kDocker = R"({"log":"plain\n","stream":"stdout","time":"2016-10-06T00:17:09.1Z"})"
                                "\n"
                                R"({"log":"1","stream":"stdout","attrs":{"a":"b"},"time":"2016-10-06T00:17:10.1Z"})"
                                "\n"
                                R"({"log":"other\r\n","stream":"stderr","time":"2016-10-06T00:17:10.2Z"})"
                                "\n"
                                R"({"log":"3","stream":"stdout","time":"2016-10-06T00:17:10.3Z"})"
                                "\n"
                                R"({"log":"4\n","stream":"stdout","time":"2016-10-06T00:17:10.4Z"})"
                                "\n";

TEST(Containers, PartsAreJoinedForEachStream) {
  for (const auto& [parsers, text] : {std::pair("[cri]", kCri), std::pair("[docker]", kDocker)}) {
    SCOPED_TRACE(parsers);
    Lines lines(parsers);
    lines.add(text);
    EXPECT_THAT(lines.texts(), ElementsAre("plain", "other", "134"));
    EXPECT_TRUE(lines.state().empty());
    ASSERT_EQ(lines.drafts().size(), 3u);
    EXPECT_EQ(lines.drafts()[1].find("stream")->value, "stderr");
    EXPECT_EQ(lines.drafts()[2].find("stream")->value, "stdout");
    EXPECT_EQ(lines.drafts()[2].time, towl::parse_rfc3339("2016-10-06T00:17:10.1Z").value()) << "of its beginning";
    EXPECT_EQ(lines.failures(), 0u);
  }
}

// A user that reads containers' files with other parsers gets whole lines as well.
TEST(Containers, PartsAreJoinedWhateverReadThem) {
  Lines json("[json]");
  json.add(kDocker);
  EXPECT_THAT(json.texts(), ElementsAre("plain", "other\r", "134"));
  Lines regex(
      R"([{ type: regex, pattern: '^(?P<time>\S+) (?P<stream>stdout|stderr) (?P<logtag>\S+) (?P<message>.*)$' }])");
  regex.add(kCri);
  EXPECT_THAT(regex.texts(), ElementsAre("plain", "other", "134"));
}

TEST(Containers, WhatIsNoLineOfAContainerIsLeftAlone) {
  for (const char* parsers : {"[cri]", "[docker]"}) {
    Lines lines(parsers);
    const std::vector<std::string> odd = {"",
                                          "text",
                                          "2016-10-06T00:17:09Z stdin F x",
                                          "2016-10-06T00:17:09Z stdout X x",
                                          "noon stdout F x",
                                          R"({"log":1,"stream":"stdout","time":"x"})",
                                          R"({"log":"x"})"};
    for (const std::string& line : odd) lines.add(line + "\n");
    EXPECT_EQ(lines.texts(), odd);
    EXPECT_EQ(lines.failures(), odd.size());
  }
  Lines empty("[cri]");
  empty.add("2016-10-06T00:17:09Z stdout F \n2016-10-06T00:17:09Z stdout F\n");
  EXPECT_THAT(empty.texts(), ElementsAre("", ""));
}

TEST(Containers, AnEntryThatIsTooLongIsCutAndSaysHowLongItWas) {
  Lines lines("[cri]");
  const std::string part = "2016-10-06T00:17:09Z stdout P " + std::string(16 << 10, 'x') + "\n";
  for (int i = 0; i < 80; ++i) lines.add(part);
  lines.add("2016-10-06T00:17:09Z stdout F y\n");
  ASSERT_EQ(lines.drafts().size(), 1u);
  EXPECT_EQ(lines.drafts()[0].text.size(), std::size_t{1} << 20);
  EXPECT_EQ(lines.drafts()[0].find(field::kOriginalBytes)->value, std::to_string(80 * (16 << 10) + 1));
}

std::string cri(const std::string& stream, const std::string& lines) {
  std::string text;
  for (std::size_t at = 0; at < lines.size();) {
    const std::size_t end = lines.find('\n', at) + 1;
    text += "2016-10-06T00:17:09Z " + stream + " F " + lines.substr(at, end - at);
    at = end;
  }
  return text;
}

TEST(Containers, TracesAreJoinedForEachStream) {
  Lines lines("[cri, { type: multiline, preset: java }, { type: regex, pattern: '^(?P<level>[A-Z]+) ' }]");
  const std::string trace = "ERROR boom\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n";
  lines.add(cri("stderr", trace));
  lines.add(cri("stdout", "INFO a\nINFO b\n"));
  lines.add(cri("stderr", "Caused by: y\n\t... 3 more\nWARN next\n"));
  lines.flush();
  EXPECT_THAT(lines.texts(), ElementsAre("INFO a",
                                         "ERROR boom\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)\n"
                                         "Caused by: y\n\t... 3 more",
                                         "INFO b", "WARN next"));
  EXPECT_EQ(lines.drafts()[1].find("PRIORITY")->value, "3") << "parsers after it see all of the entry";
}

// After a crash anywhere, what waits is read again, and nothing that was stored.
TEST(JoinState, GoesOnAfterACrashWithoutLossOrRepetition) {
  std::string text;
  for (int i = 0; i < 6; ++i) {
    const std::string n = std::to_string(i);
    text += cri("stdout", "out" + n + "\n\tout\n");
    text +=
        "2016-10-06T00:17:10Z stderr P err\n" + cri("stdout", "\tmore\n") + "2016-10-06T00:17:10Z stderr F " + n + "\n";
  }
  const std::string parsers = "[cri, { type: multiline, preset: indented }]";
  Lines whole(parsers);
  whole.add(text);
  whole.flush();
  ASSERT_EQ(whole.texts().size(), 12u);
  for (std::size_t cut = text.find('\n') + 1; cut < text.size(); cut = text.find('\n', cut) + 1) {
    SCOPED_TRACE(cut);
    Lines lines(parsers);
    lines.add(text.substr(0, cut));
    lines.read_again(text);
    lines.flush();
    auto texts = lines.texts();
    auto expected = whole.texts();
    std::sort(texts.begin(), texts.end());
    std::sort(expected.begin(), expected.end());
    EXPECT_EQ(texts, expected);
  }
}

std::vector<std::string> joined(const std::string& preset, const std::string& text) {
  Lines lines("[{ type: multiline, preset: " + preset + " }]");
  lines.add(text);
  lines.flush();
  return lines.texts();
}

TEST(Presets, JoinTheTracesOfTheirLanguages) {
  const std::string java =
      "2024-01-01 ERROR boom\njava.lang.RuntimeException: x\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n"
      "Caused by: a.b.MyException: y\n\t... 12 more\n\tSuppressed: java.io.IOException\n";
  EXPECT_THAT(joined("java", java + "2024-01-01 INFO next\n"),
              ElementsAre(java.substr(0, java.size() - 1), "2024-01-01 INFO next"));
  const std::string python =
      "ERROR:root:failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in f\n    g()\nKeyError: 'x'\n\n"
      "During handling of the above exception, another exception occurred:\n\n"
      "Traceback (most recent call last):\n  File \"a.py\", line 3, in h\nmy.module.Odd: y\n";
  const auto traces = joined("python", python + "INFO:root:next\n");
  EXPECT_THAT(traces, ElementsAre(python.substr(0, python.size() - 1), "INFO:root:next"));
  EXPECT_THAT(
      joined("python",
             "ERROR:root:failed\nTraceback (most recent call last):\n  File \"a.py\", line 1\n"
             "KeyError: 'x'\nINFO next\n"),
      ElementsAre("ERROR:root:failed\nTraceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
                  "INFO next"));
  const std::string go =
      "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:\nmain.f(0x1, 0x2)\n"
      "\t/a/main.go:5 +0x1d\nmain.main()\n\t/a/main.go:9 +0x20\ncreated by net/http.(*Server).Serve\n\t/x.go:1\nexit "
      "status 2\n";
  EXPECT_THAT(joined("go", "started\n" + go + "2024/01/01 next\n"),
              ElementsAre("started", go.substr(0, go.size() - 1), "2024/01/01 next"));
  EXPECT_THAT(
      joined("ruby", "a.rb:1:in `f': x (RuntimeError)\n\tfrom a.rb:5:in `g'\n\tfrom a.rb:9:in `<main>'\nnext\n"),
      ElementsAre("a.rb:1:in `f': x (RuntimeError)\n\tfrom a.rb:5:in `g'\n\tfrom a.rb:9:in `<main>'", "next"));
  EXPECT_THAT(
      joined("dotnet",
             "Unhandled exception. System.InvalidOperationException: x\n"
             " ---> System.Exception: y\n   at A.B.C() in /a.cs:line 5\n"
             "   --- End of inner exception stack trace ---\n   at A.B.Main()\nnext\n"),
      ElementsAre("Unhandled exception. System.InvalidOperationException: x\n ---> System.Exception: y\n"
                  "   at A.B.C() in /a.cs:line 5\n   --- End of inner exception stack trace ---\n   at A.B.Main()",
                  "next"));
  EXPECT_THAT(joined("indented", "a\n b\n\tc\nd\n"), ElementsAre("a\n b\n\tc", "d"));
  EXPECT_THAT(joined("backslash", "a \\\nb \\\nc\nd\n"), ElementsAre("a \\\nb \\\nc", "d"));
}

TEST(Multiline, SettingsThatCannotWorkAreRefused) {
  EXPECT_THAT(test::error_of("[{ type: multiline, preset: cobol }]"), testing::HasSubstr("not one of java, python"));
  EXPECT_THAT(test::error_of("[{ type: multiline }]"), testing::HasSubstr("either this, continue_pattern or preset"));
  EXPECT_THAT(test::error_of("[{ type: multiline, preset: go, start_pattern: a }]"), testing::HasSubstr("either this"));
  EXPECT_THAT(test::error_of("[{ type: multiline, start_pattern: '(' }]"), testing::HasSubstr("the pattern"));
}

}  // namespace
}  // namespace towld

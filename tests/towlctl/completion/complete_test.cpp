// What a shell offers is what the program takes.
#include "completion/complete.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "arguments/options.hpp"
#include "completion/shell_scripts.hpp"

namespace towlctl {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Words = std::vector<std::string>;
using Paths = Completion::Paths;

class Complete : public testing::Test {
 protected:
  Complete() {
    app_.add_flag("-q,--quiet", quiet_, "Say nothing");
    add_choice(app_, "--color", color_, colors_, "WHEN", "Colours");
    CLI::App* cat = app_.add_subcommand("cat", "Print entries");
    add_word(*cat, "--store", text_, "DIR", "Folder");
    add_word(*cat, "-S,--since", text_, "TIME", "From");
    add_numbers(*cat, "--id", numbers_, "ID", "Only this");
    add_habit(*cat, "-l", "");
    add_texts(*cat, "FILE", texts_, "...", "File IDs or paths");
    CLI::App* grep = app_.add_subcommand("grep", "Find entries");
    add_texts(*grep, "PATTERN", texts_, "[FILE ...]", "The pattern, then file IDs");
    CLI::App* config = app_.add_subcommand("config", "Contexts");
    add_word(*config->add_subcommand("use-context", "Choose"), "CONTEXT", text_, "", "Its name");
    config->add_subcommand("get-contexts", "List");
  }

  Words offered(const Words& words) {
    const Completion completion = towlctl::complete(
        app_, words,
        {.file_ids = [](const std::string& store) -> std::vector<Candidate> {
           return store == "empty" ? std::vector<Candidate>{} : std::vector<Candidate>{{"12"}, {"1"}, {"3"}};
         },
         .contexts =
             [] {
               return std::vector<Candidate>{{"office", "logs:1"}, {"lab", "lab:1"}};
             }});
    paths_ = completion.paths;
    Words texts;
    for (const Candidate& candidate : completion.candidates) texts.push_back(candidate.text);
    return texts;
  }

  CLI::App app_{"", "towlctl"};
  bool quiet_ = false;
  std::string text_;
  Words texts_;
  std::vector<std::uint64_t> numbers_;
  int color_ = 0;
  std::map<std::string, int> colors_ = {{"always", 1}, {"auto", 0}, {"never", 2}};
  Paths paths_ = Paths::none;
};

TEST_F(Complete, Commands) {
  EXPECT_THAT(offered({""}), ElementsAre("cat", "grep", "config"));
  EXPECT_THAT(offered({"c"}), ElementsAre("cat", "config"));
  EXPECT_THAT(offered({"-q", "g"}), ElementsAre("grep"));
  EXPECT_THAT(offered({"--color", "never", "g"}), ElementsAre("grep"));
  EXPECT_THAT(offered({"help", "g"}), ElementsAre("grep"));
  EXPECT_THAT(offered({"config", ""}), ElementsAre("use-context", "get-contexts"));
  EXPECT_THAT(offered({}), ElementsAre("cat", "grep", "config"));
}

TEST_F(Complete, Options) {
  EXPECT_THAT(offered({"cat", "--s"}), ElementsAre("--store", "--since"));
  // What stands before the command may stand after it as well; hidden options are not shown.
  EXPECT_THAT(offered({"cat", "-"}), ElementsAre("--help", "--store", "--since", "--id", "--quiet", "--color"));
  EXPECT_THAT(offered({"cat", "--", "--s"}), IsEmpty());
  EXPECT_THAT(offered({"cat", "--bogus=x", "--st"}), ElementsAre("--store"));
}

TEST_F(Complete, ValuesOfOptions) {
  EXPECT_THAT(offered({"--color", "a"}), ElementsAre("always", "auto"));
  EXPECT_THAT(offered({"cat", "--color=n"}), ElementsAre("--color=never"));
  // As bash splits it.
  EXPECT_THAT(offered({"cat", "--color", "=", "n"}), ElementsAre("never"));
  EXPECT_THAT(offered({"cat", "--color", "="}), ElementsAre("always", "auto", "never"));
  EXPECT_THAT(offered({"cat", "--id", "1"}), ElementsAre("12", "1"));
  EXPECT_THAT(offered({"cat", "-S", ""}), IsEmpty());
  EXPECT_EQ(paths_, Paths::none);
  EXPECT_THAT(offered({"cat", "--store", "/v"}), IsEmpty());
  EXPECT_EQ(paths_, Paths::folders);
}

TEST_F(Complete, FilesOfTheStoreThatIsMeant) {
  EXPECT_THAT(offered({"cat", ""}), ElementsAre("12", "1", "3"));
  EXPECT_EQ(paths_, Paths::files);
  EXPECT_THAT(offered({"cat", "3", "-S", "-1h", "1"}), ElementsAre("12", "1"));
  EXPECT_THAT(offered({"cat", "--store", "empty", ""}), IsEmpty());
  EXPECT_THAT(offered({"cat", "--store=empty", ""}), IsEmpty());
  EXPECT_THAT(offered({"grep", "3"}), IsEmpty());
  EXPECT_THAT(offered({"grep", "error", "3"}), ElementsAre("3"));
  EXPECT_THAT(offered({"config", "use-context", "o"}), ElementsAre("office"));
}

// A user may press TAB anywhere.
TEST_F(Complete, AnyWordsAreTaken) {
  const auto seed = std::random_device()();
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const Words known = {
      "cat", "grep", "config", "--", "-", "--color", "=", "--id=", "-qS", "", "\xff\x01", "-1", "--=", "{", "help"};
  for (int i = 0; i < 5000; ++i) {
    Words words(random() % 6);
    for (auto& word : words) word = known[random() % known.size()];
    for (const std::string& text : offered(words))
      EXPECT_TRUE(text.starts_with(words.empty() ? "" : words.back()) || words.back() == "=");
  }
}

TEST(CompletionScripts, ThereIsOneForEachShell) {
  for (const std::string& shell : completion_shells()) {
    EXPECT_THAT(completion_script(shell), testing::HasSubstr("`towlctl completion " + shell + "`"));
    EXPECT_THAT(completion_script(shell), testing::HasSubstr("__complete"));
  }
}

TEST(CompletionScripts, ReadCandidatesAndWhichPathsFollow) {
  EXPECT_EQ(to_lines({.candidates = {{"a", "what"}, {"b"}}, .paths = Paths::files}), "a\twhat\nb\t\n:files\n");
  EXPECT_EQ(to_lines({}), ":none\n");
}

}  // namespace
}  // namespace towlctl

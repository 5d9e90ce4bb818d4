// Contexts, completion and doctor, as a user meets them.
#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;

class Setup : public TowlctlProgram {
 protected:
  /// With a configuration of its own and nothing else in the environment.
  ProcessResult with_config(std::vector<std::string> arguments, std::map<std::string, std::string> more = {}) const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    more.insert({{"TOWL_CONFIG", folder_ / "config.yaml"}, {"TOWL_STORE", ""}, {"TOWL_SERVER", ""}});
    more.insert({{"XDG_DATA_HOME", folder_ / "data"}, {"TZ", "UTC"}});
    return run(arguments, {.environment = more, .folder = folder_.path()});
  }
};

TEST_F(Setup, AContextIsMadeChosenAndForgotten) {
  append("office-logs", "from the office\n");
  append("lab-logs", "from the lab\n");
  EXPECT_THAT(with_config({"config", "get-contexts"}).err, HasSubstr("set-context NAME --server HOST:PORT"));
  EXPECT_EQ(with_config({"config", "set-context", "office", "--server", "a:1", "--store", "office-logs"}).code, 0);
  EXPECT_EQ(with_config({"config", "set-context", "lab", "--server", "b:1", "--store", "lab-logs"}).code, 0);
  EXPECT_EQ(with_config({"cat"}).out, "from the office\n");
  EXPECT_EQ(with_config({"config", "use-context", "lab"}).code, 0);
  EXPECT_EQ(with_config({"cat"}).out, "from the lab\n");
  EXPECT_EQ(with_config({"cat"}, {{"TOWL_CONTEXT", "office"}}).out, "from the office\n");
  EXPECT_EQ(with_config({"cat"}, {{"TOWL_STORE", "office-logs"}}).out, "from the office\n");
  const auto listed = with_config({"config", "get-contexts"}).out;
  EXPECT_THAT(listed, HasSubstr("\n*        lab     b:1"));
  EXPECT_THAT(listed, HasSubstr("\n         office  a:1"));
  EXPECT_THAT(with_config({"--json", "config", "get-contexts"}).out,
              HasSubstr(R"({"context":"lab","current":true,"server":"b:1","store":)"));
  EXPECT_EQ(with_config({"config", "delete-context", "lab"}).code, 0);
  EXPECT_THAT(with_config({"config", "use-context", "lab"}).err, HasSubstr("`towlctl config get-contexts` tells"));
  EXPECT_THAT(with_config({"cat"}, {{"TOWL_CONTEXT", "lab"}}).err, HasSubstr("there is no context lab"));
}

// Nothing runs against a collector that the user did not mean; what mends it does run.
TEST_F(Setup, AConfigurationThatIsWrongStopsEveryCommandButThoseThatMendIt) {
  write("config.yaml", "contexts:\n  a: { sever: x }\n");
  const auto ran = with_config({"ls"});
  EXPECT_EQ(ran.code, 2);
  EXPECT_EQ(lines_of(ran.err), 1);
  EXPECT_THAT(ran.err, HasSubstr("config.yaml: line 2: unknown key \"sever\"; a context has server and store"));
  EXPECT_EQ(with_config({"grep", "doctor"}).err, ran.err);
  EXPECT_EQ(with_config({"ls", "--help"}).code, 0);
  EXPECT_EQ(with_config({"--version"}).code, 0);
  const auto seen = with_config({"doctor", "--server", "127.0.0.1:1"});
  EXPECT_EQ(seen.code, 1);
  EXPECT_THAT(seen.out, HasSubstr("wrong   config    "));
}

TEST_F(Setup, TheDoctorSaysWhatToDo) {
  append("store", "one\ntwo\n");
  auto seen = towlctl({"doctor"});
  EXPECT_EQ(seen.code, 1);
  EXPECT_THAT(seen.out, HasSubstr("good    store     store: 1 file, 2 entries"));
  EXPECT_THAT(seen.out, HasSubstr("check that towld runs and listens there"));
  EXPECT_THAT(towlctl({"doctor", "--store", "none"}).out, HasSubstr("`towlctl sync` makes it"));
  write("store/1.towl", "not one");
  seen = towlctl({"--json", "doctor"});
  EXPECT_THAT(seen.out, HasSubstr(R"({"check":"store","state":"wrong","says":"store/1.towl: )"));
}

TEST_F(Setup, TheShellsAskTheProgram) {
  append("store", "one\n");
  EXPECT_THAT(towlctl({"__complete", "cat", ""}).out, testing::MatchesRegex("1\t1 entry from 20[^,]*\n:files\n"));
  EXPECT_THAT(towlctl({"__complete", "grep", "--no-p"}).out, HasSubstr("--no-pager\tNever start a pager\n"));
  write("completion.bash", towlctl({"completion", "bash"}).out);
  const std::string ask = "source completion.bash; COMP_WORDS=(" + std::string(TOWLCTL_PROGRAM) +
                          " cat -o js); COMP_CWORD=3; compopt() { :; }; _towlctl; echo \"${COMPREPLY[*]}\"";
  EXPECT_EQ(run({"bash", "-c", ask}, {.folder = folder_.path()}).out, "json json-pretty\n");
}

TEST_F(Setup, OtherShellsUnderstandTheirScripts) {
  int tried = 0;
  for (const char* shell : {"zsh", "fish"}) {
    write(shell, towlctl({"completion", shell}).out);
    const auto checked = run({shell, "-n", folder_ / shell});
    if (checked.code == 127) continue;
    EXPECT_EQ(checked.code, 0) << shell << checked.err;
    ++tried;
  }
  if (tried == 0) GTEST_SKIP() << "there is neither zsh(1) nor fish(1)";
}

}  // namespace
}  // namespace towl::test

// A user that does not know a command learns what it takes; after a mistake, one line says what to do next.
#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;

class Help : public TowlctlProgram {};

const std::vector<std::string> kCommands = {"sync",   "cat",     "grep",   "tail",     "ls",         "info",
                                            "append", "verify",  "repair", "seal",     "convert",    "retain",
                                            "stat",   "explain", "config", "doctor",   "completion", "sql",
                                            "query",  "stats",   "show",   "patterns", "ui"};

TEST_F(Help, EveryCommandExplainsItself) {
  for (const std::string& command : kCommands) {
    SCOPED_TRACE(command);
    const ProcessResult ran = towlctl({command, "--help"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.err, "");
    EXPECT_THAT(ran.out, HasSubstr("Usage: towlctl " + command));
    EXPECT_THAT(ran.out, HasSubstr("towlctl --help tells what all commands have"));
    EXPECT_EQ(towlctl({"help", command}).out, ran.out);
    // The program's own footer is not a command's.
    EXPECT_EQ(ran.out.find("Where things are"), std::string::npos);
  }
  const ProcessResult all = towlctl({"--help"});
  for (const std::string& command : kCommands) EXPECT_THAT(all.out, HasSubstr("\n  " + command + " "));
  EXPECT_EQ(towlctl({"help"}).out, all.out);
}

struct Mistake {
  std::vector<std::string> line;
  std::string told;  ///< A part of the line that the user gets.
};

TEST_F(Help, AMistakeIsToldInOneLineWithWhatToDo) {
  append("store", "one\ntwo error\n");
  for (const auto& [line, told] : std::vector<Mistake>{
           {{}, "a command is missing; see towlctl --help"},
           {{"bogus"}, "\"bogus\" is no command; towlctl --help tells which there are"},
           {{"[x]"}, "\"[x]\" is no command"},
           {{"--bogus"}, "\"--bogus\" is no option; towlctl --help tells which there are"},
           {{"ls", "--bogus"}, "--bogus; see towlctl ls --help"},
           {{"cat", "-n"}, "--lines needs a value; see towlctl cat --help"},
           {{"cat", "-n", "1", "-n", "2"}, "--lines is given more than once; see towlctl cat --help"},
           {{"cat", "-n", "-1"}, "--lines: \"-1\" is not a number or \"all\""},
           {{"cat", "-o", "foo"}, "--output: \"foo\" is none of cat, csv, export, json,"},
           {{"cat", "--since="}, "--since: \"\" is no TIME"},
           {{"cat", "--store", ""}, "--store: \"\" is no DIR"},
           {{"cat", "nofile"}, "`towlctl ls` tells which there are"},
           {{"cat", "7"}, "`towlctl ls` tells which there are"},
           {{"cat", "--store", "nowhere"}, "mirror one with `towlctl sync`"},
           {{"grep"}, "a pattern is missing; see towlctl grep --help"},
           {{"grep", "("}, "-F takes it as plain text"},
           {{"grep", "connection", "refused"}, "the pattern was \"connection\": quote one that has blanks"},
           {{"grep", "-G", "a|b"}, "-G: patterns are extended ones"},
           {{"grep", "-z", "a"}, "--null-data"},
           {{"query"}, "a query is missing; see towlctl query --help"},
           {{"query", "a (b"}, "column 5: "},
           {{"query", "* | sort by (_msg)", "--max-memory", "1K"}, "raise --max-memory"},
           {{"show", "1"}, "is no address"},
           {{"show", "1:99"}, "there is no entry 99"},
           {{"info"}, "FILE is required; see towlctl info --help"},
           {{"convert", "1", "--to", "v3", "-o", "x"}, "--to: \"v3\" is none of v1, v2"},
           {{"convert", "1", "--to", "v1", "-o", "store/1.towl"}, "name another file with -o"},
           {{"sync", "--jobs", "0"}, "--jobs: \"0\" is not between 1 and 64"},
           {{"sync", "--jobs", "010x"}, "--jobs: \"010x\" is not a whole number"},
           {{"retain", "--store", "store"}, "--max-age, --max-bytes or --keep-free"},
           {{"stat"}, "check that towld runs and listens there"},
           {{"config"}, "a command is missing; see towlctl config --help"},
           {{"config", "use-context", "x"}, "`towlctl config get-contexts` tells which there are"},
           {{"config", "set-context", "x"}, "a new context needs --server HOST:PORT"},
           {{"completion", "csh"}, "SHELL: \"csh\" is none of bash, fish, zsh"},
           {{"--color", "maybe", "ls"}, "--color: \"maybe\" is none of always, auto, never"},
       }) {
    SCOPED_TRACE(testing::PrintToString(line));
    const ProcessResult ran = towlctl(line);
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(lines_of(ran.err), 1) << ran.err;
    EXPECT_TRUE(ran.err.starts_with("towlctl: ")) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(told));
  }
}

// A flag typed from habit does what is meant, or nothing.
TEST_F(Help, HabitsOfGrepTailAndLsDoNoHarm) {
  append("store", "one\ntwo error\n");
  for (const char* habit : {"-h", "-E", "-r", "-R", "-a", "-hE", "-P", "-G", "-s", "-I"}) {
    const ProcessResult ran = towlctl({"grep", habit, "error"});
    EXPECT_EQ(ran.out, "two error\n") << habit << ran.err;
    EXPECT_EQ(ran.code, 0);
  }
  EXPECT_EQ(towlctl({"ls", "-l"}).out, towlctl({"ls"}).out);
}

// Numbers are what people mean by them.
TEST_F(Help, ALeadingZeroMakesNoOctalNumber) {
  append("store", "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n");
  EXPECT_EQ(lines_of(towlctl({"grep", "-m", "010", "."}).out), 10);
}

}  // namespace
}  // namespace towl::test

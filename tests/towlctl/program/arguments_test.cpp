// What a user writes is what the program looks for, stores and opens: brackets, braces, commas and all.
#include <nlohmann/json.hpp>

#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;

class ProgramArguments : public TowlctlProgram, public testing::WithParamInterface<std::string> {
 protected:
  const std::string argument_ = GetParam();
};

TEST_P(ProgramArguments, GrepFindsThePatternAsItIsWritten) {
  append("store", "[error]\nerror\n[a,b]\na\nb\n[]\na,b\n\"x\"\nx\n\n%x\n{}\n-x\n++\n010\n8\n");
  const std::string whole = argument_ + "\n";
  EXPECT_EQ(towlctl({"grep", "-F", "-x", "--", argument_}).out, whole);
  EXPECT_EQ(towlctl({"grep", "-F", "-x", "-e", argument_}).out, whole);
  EXPECT_EQ(towlctl({"grep", "-F", "-x", "--regexp=" + argument_}).out, whole);
  EXPECT_EQ(towlctl({"grep", "-F", "-x", "-m", "1", "--", argument_, "1"}).out, whole);
}

TEST_P(ProgramArguments, AppendKeepsSenderAndTitle) {
  append("store", "text\n", {"--sender", argument_, "--title", argument_});
  const auto listed = nlohmann::json::parse(towlctl({"ls", "--json"}).out, nullptr, false);
  EXPECT_EQ(listed.value("title", "none"), argument_);
  const std::string events = towlctl({"--json", "grep", "text"}).out;
  EXPECT_THAT(events, HasSubstr("\"sender\":" + nlohmann::json({{"text", argument_}}).dump()));
}

TEST_P(ProgramArguments, AFileIsOpenedByItsName) {
  if (argument_.empty()) return;
  write(argument_, "from the file\n");
  ASSERT_EQ(towlctl({"append", "--store", "store", "--", argument_}).code, 0);
  EXPECT_EQ(towlctl({"cat"}).out, "from the file\n");
  write(argument_, "file\n");
  EXPECT_EQ(towlctl({"grep", "-f", argument_}).out, "from the file\n");
}

TEST_P(ProgramArguments, AStoreIsOpenedByItsName) {
  if (argument_.empty()) return;
  append(argument_, "in the store\n");
  for (const std::vector<std::string>& command : {std::vector<std::string>{"cat", "--store", argument_},
                                                  {"cat", "--store=" + argument_},
                                                  {"cat", "--", argument_}}) {
    const ProcessResult ran = towlctl(command);
    EXPECT_EQ(ran.out, "in the store\n") << ran.err;
  }
  EXPECT_EQ(towlctl({"verify", "--store", argument_, "-q"}).code, 0);
  EXPECT_EQ(towlctl({"info", "--", argument_ + "/1.towl"}).code, 0);
}

TEST_P(ProgramArguments, ConvertWritesTheFileOfThatName) {
  if (argument_.empty()) return;
  append("store", "text\n");
  const ProcessResult ran = towlctl({"convert", "--to", "v1", "1", "-o", argument_});
  EXPECT_EQ(ran.code, 0) << ran.err;
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / argument_));
}

TEST_P(ProgramArguments, AFieldIsComparedWithWhatIsWritten) {
  append("store", nlohmann::json({{"MESSAGE", "one"}, {"SYSLOG_IDENTIFIER", argument_}}).dump() +
                      "\n{\"MESSAGE\":\"two\",\"SYSLOG_IDENTIFIER\":\"other\"}\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-t", argument_}).out, "one\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "SYSLOG_IDENTIFIER=" + argument_}).out, "one\n");
}

// What no value can be is refused, with the words of the user.
TEST_P(ProgramArguments, AreNamedInErrorsAsTheyAreWritten) {
  append("store", "text\n");
  const std::string quoted = "\"" + argument_ + "\"";
  for (const std::vector<std::string>& command : {std::vector<std::string>{"cat", "--since=" + argument_},
                                                  {"cat", "--until", argument_},
                                                  {"cat", "--lines", argument_},
                                                  {"cat", "--output", argument_},
                                                  {"cat", "--priority", argument_},
                                                  {"grep", "text", "-A", argument_},
                                                  {"grep", "text", "--max-count=" + argument_},
                                                  {"sync", "--id", argument_},
                                                  {"sync", "--jobs", argument_},
                                                  {"append", "--durability", argument_},
                                                  {"retain", "--store", "store", "--max-age", argument_},
                                                  {"--color", argument_, "ls"}}) {
    if (command[1] == "--priority" && argument_ == "[error]") continue;  // That is a level.
    SCOPED_TRACE(testing::PrintToString(command));
    const ProcessResult ran = towlctl(command);
    EXPECT_EQ(ran.code, 2);
    EXPECT_EQ(lines_of(ran.err), 1) << ran.err;
    EXPECT_THAT(ran.err, HasSubstr(quoted));
  }
}

INSTANTIATE_TEST_SUITE_P(Looks, ProgramArguments,
                         testing::Values("[error]", "[a,b]", "[]", "a,b", "\"x\"", "", "%x", "{}", "-x", "++"),
                         [](const testing::TestParamInfo<std::string>& made) { return std::to_string(made.index); });

}  // namespace
}  // namespace towl::test

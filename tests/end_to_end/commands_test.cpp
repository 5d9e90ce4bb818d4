// Commands as people and scripts meet them: exit codes, help, errors, what they print for programs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "end_to_end/two_programs.hpp"

namespace towl::test {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class Commands : public TwoPrograms {};

TEST_F(Commands, GrepsExitCodesAreGreps) {
  start();
  towlctl({"append"}, "one\ntwo\nthree two\n");
  sync_json();
  const auto found = towlctl({"grep", "two"});
  EXPECT_EQ(found.code, 0);
  EXPECT_EQ(found.out, "two\nthree two\n");
  EXPECT_EQ(towlctl({"grep", "four"}).code, 1);
  EXPECT_EQ(towlctl({"grep", "(four"}).code, 2);
  EXPECT_EQ(towlctl({"grep"}).code, 2);
  EXPECT_EQ(towlctl({"grep", "-q", "two"}).out, "");
  EXPECT_EQ(towlctl({"grep", "-q", "two"}).code, 0);
  EXPECT_EQ(towlctl({"grep", "-c", "two"}).out, "2\n");
  EXPECT_EQ(towlctl({"grep", "-vc", "two"}).out, "1\n");
  EXPECT_EQ(towlctl({"grep", "-x", "two"}).out, "two\n");
  EXPECT_EQ(towlctl({"grep", "-o", "-e", "t[a-z]", "-e", "^o"}).out, "o\ntw\nth\ntw\n");
  EXPECT_EQ(towlctl({"grep", "-n", "-m", "1", "two"}).out, "1:1:two\n");
  EXPECT_EQ(towlctl({"grep", "-n", "-C", "1", "one"}).out, "1:0:one\n1-1-two\n");
  EXPECT_EQ(towlctl({"grep", "--reverse", "two"}).out, "three two\ntwo\n");
  EXPECT_EQ(towlctl({"grep", "-l", "two"}).out, (folder_ / "mirror/1.towl").string() + "\n");
  EXPECT_EQ(towlctl({"grep", "two", "1"}).code, 0);
  EXPECT_EQ(towlctl({"grep", "two", "9"}).code, 2);
  const auto events = towlctl({"grep", "--json", "w"});
  EXPECT_EQ(lines(events.out), 5);
  EXPECT_THAT(events.out, HasSubstr(R"("submatches":[{"match":{"text":"w"},"start":1,"end":2}])"));
}

TEST_F(Commands, RetainRemovesAtTheCollectorOrHere) {
  start("{ max_entries: 10 }");
  towlctl({"append"}, lines_of(0, 35));
  sync_json();
  const auto dry = towlctl({"retain", "--max-bytes", "1", "--dry-run"});
  EXPECT_EQ(lines(dry.out), 3);
  EXPECT_EQ(towlctl({"retain"}).out, "nothing to remove\n");
  EXPECT_EQ(lines(towlctl({"retain", "--max-bytes", "1"}).out), 3);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "store/1.towl"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "mirror/1.towl"));
  EXPECT_EQ(sync_json()["retired_files"], 3);
  EXPECT_EQ(lines(towlctl({"retain", "--store", folder_ / "mirror", "--max-bytes", "1"}).out), 3);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "mirror/1.towl"));
  EXPECT_EQ(towlctl({"retain", "--store", folder_ / "mirror"}).code, 2);
  EXPECT_EQ(towlctl({"retain", "--max-age", "soon"}).code, 2);
}

TEST_F(Commands, LsAndInfoAreForProgramsToo) {
  start("{ max_entries: 10 }");
  towlctl({"append"}, lines_of(0, 15));
  sync_json();
  const auto listed = towlctl({"ls", "--json"});
  ASSERT_EQ(lines(listed.out), 2);
  const json file = json::parse(listed.out.substr(0, listed.out.find('\n')));
  EXPECT_EQ(file["file_id"], 1);
  EXPECT_EQ(file["count"], 10);
  EXPECT_TRUE(file["state"] == "closed" || file["state"] == "sealed") << file["state"];
  EXPECT_EQ(json::parse(towlctl({"info", "--json", "2"}).out)["count"], 5);
  EXPECT_EQ(lines(towlctl({"ls"}).out), 3);
}

TEST_F(Commands, ErrorsAreOneLineAndSayWhatToDo) {
  const auto check = [&](const std::vector<std::string>& arguments, int code, const std::string& says) {
    const auto result = towlctl(arguments);
    EXPECT_EQ(result.code, code) << arguments[0];
    EXPECT_EQ(lines(result.err), 1) << result.err;
    EXPECT_THAT(result.err, HasSubstr(says));
    EXPECT_EQ(result.out, "");
  };
  check({"sync", "--server", "127.0.0.1:1"}, 1, "127.0.0.1:1");
  check({"append", "--server", "127.0.0.1:1"}, 2, "127.0.0.1:1");
  check({"cat", "--store", folder_ / "none"}, 2, "no such store");
  check({"cat", folder_ / "none.towl"}, 2, "no such file");
  check({"cat", "-S", "soon"}, 2, "--since");
  check({"cat", "-n", "x"}, 2, "--lines");
  check({"cat", "--store", folder_.path(), "7"}, 2, "no file 7");
  check({"dog"}, 2, "--help");
  check({"cat", "--dog"}, 2, "towlctl cat --help");
  std::ofstream(folder_ / "5.towl") << "not a towl file, but long enough to be asked: " << std::string(3000, 'x');
  check({"cat", folder_ / "5.towl"}, 2, "5.towl");
}

TEST_F(Commands, EveryCommandHasHelp) {
  for (const char* name : {"sync", "cat", "grep", "tail", "ls", "info", "append", "verify", "repair", "seal", "convert",
                           "retain", "stat", "explain"}) {
    const auto help = towlctl({name, "--help"});
    EXPECT_EQ(help.code, 0) << name;
    EXPECT_THAT(help.out, HasSubstr(name));
  }
  EXPECT_THAT(towlctl({"--help"}).out, HasSubstr("Examples"));
  EXPECT_EQ(towlctl({"--version"}).out, "towlctl 0.1.0\n");
}

TEST_F(Commands, AReaderThatGoesAwayEndsItQuietly) {
  start();
  towlctl({"append"}, lines_of(0, 900));
  sync_json();
  const auto headed = run({"bash", "-c",
                           std::string("set -o pipefail; for i in $(seq 300); do ") + TOWLCTL_PROGRAM +
                               " cat; [ $? = 141 ] && break; done | head -n 1"},
                          {.environment = environment()});
  EXPECT_EQ(headed.out, numbered_text(0) + "\n");
  EXPECT_EQ(headed.err, "");
}

TEST_F(Commands, JournalEntriesPrintAsJournalctlDoes) {
  start();
  const std::string journal =
      R"({"__REALTIME_TIMESTAMP":"1768660200123456","_HOSTNAME":"web","SYSLOG_IDENTIFIER":"nginx","_PID":"77","PRIORITY":"3","_SYSTEMD_UNIT":"nginx.service","MESSAGE":"it failed"})"
      "\n"
      R"({"__REALTIME_TIMESTAMP":"1768660201000000","_HOSTNAME":"web","SYSLOG_IDENTIFIER":"app","PRIORITY":"6","MESSAGE":[98,105,110,255]})"
      "\n";
  towlctl({"append"}, journal);
  sync_json();
  EXPECT_EQ(towlctl({"cat"}).out,
            "Jan 17 14:30:00 web nginx[77]: it failed\nJan 17 14:30:01 web app: [4B blob data]\n");
  EXPECT_EQ(towlctl({"cat", "-a"}).out, "Jan 17 14:30:00 web nginx[77]: it failed\nJan 17 14:30:01 web app: bin\xff\n");
  EXPECT_EQ(towlctl({"cat", "-o", "raw"}).out, journal);
  // The entry's place comes before what journalctl prints.
  const std::regex address(R"("file_uuid":"[0-9a-f]{32}","ordinal":[0-9]+,)");
  EXPECT_EQ(std::regex_replace(towlctl({"cat", "-o", "json"}).out, address, ""), journal);
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-u", "nginx"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-p", "err"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "-t", "nginx"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "_PID=77", "_PID=78"}).out, "it failed\n");
  EXPECT_EQ(towlctl({"cat", "-o", "cat", "_PID=77", "_HOSTNAME=db"}).out, "");
  EXPECT_EQ(towlctl({"grep", "-c", "nginx"}).out, "0\n");  // The message is searched, not the JSON.
  EXPECT_EQ(towlctl({"grep", "-c", "bin"}).out, "1\n");
  EXPECT_EQ(towlctl({"cat", "-r", "-n", "1", "-a", "-o", "cat"}).out, "bin\xff\n");
}

}  // namespace
}  // namespace towl::test

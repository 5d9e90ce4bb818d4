// towlctl patterns: it counts what cat prints, with the same options.
#include <nlohmann/json.hpp>

#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PatternsProgram : public TowlctlProgram {
 protected:
  void SetUp() override {
    std::string lines;
    for (int i = 0; i < 20; ++i) lines += "request " + std::to_string(i) + " was served\n";
    append("store", lines, {"--sender", "web-1", "--log-format", "text"});
    append("store",
           R"({"MESSAGE":"disk sda17 is on fire","PRIORITY":"2"})"
           "\n",
           {"--sender", "db-1", "--log-format", "auto"});
  }

  std::vector<std::string> patterns(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"patterns", "-o", "json"});
    const ProcessResult ran = towlctl(arguments);
    EXPECT_EQ(ran.code, 0) << ran.err;
    std::vector<std::string> lines;
    std::istringstream out(ran.out);
    for (std::string line; std::getline(out, line);) {
      const auto row = nlohmann::json::parse(line, nullptr, false);
      lines.push_back(std::to_string(row["count"].get<int>()) + " " + row["pattern"].get<std::string>());
    }
    return lines;
  }
};

TEST_F(PatternsProgram, CountWhatOptionsSelect) {
  EXPECT_THAT(patterns({}), ElementsAre("20 request <*> was served", "1 disk <*> is on fire"));
  EXPECT_THAT(patterns({"-n", "1"}), ElementsAre("20 request <*> was served"));
  EXPECT_THAT(patterns({"-p", "err"}), ElementsAre("1 disk <*> is on fire"));
  EXPECT_THAT(patterns({"--sender", "web-*", "-j", "2"}), ElementsAre("20 request <*> was served"));
  EXPECT_THAT(patterns({"--where", "\"request 17\""}), ElementsAre("1 request <*> was served"));
  EXPECT_THAT(patterns({"PRIORITY=2"}), ElementsAre("1 disk <*> is on fire"));
  EXPECT_THAT(patterns({"-S", "-1h", "--new-since", "-1h"}).size(), 2u);
  EXPECT_THAT(patterns({"-U", "-1h"}), ElementsAre());
}

TEST_F(PatternsProgram, MistakesAreTold) {
  EXPECT_THAT(towlctl({"patterns", "--where", "a (b"}).err, HasSubstr("--where: "));
  EXPECT_THAT(towlctl({"patterns", "--new-since", "whenever"}).err, HasSubstr("--new-since: "));
  EXPECT_EQ(towlctl({"patterns", "--where", "~\"a(\""}).code, 2);
}

}  // namespace
}  // namespace towl::test

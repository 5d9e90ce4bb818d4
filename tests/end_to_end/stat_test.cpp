// towlctl stat and explain: what a collector says about its inputs, as its users ask for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/collector.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class StatTest : public testing::Test {
 protected:
  void SetUp() override {
    std::ofstream(folder_ / "a.log") << "one\ntwo\nnoise\n";
    std::ofstream(folder_ / "a.log.gz") << "\x1f\x8b\x08";
    std::ofstream(folder_ / "other") << "x\n";
    std::ofstream(folder_ / "towld.yaml")
        << "inputs:\n  - { name: logs, type: file, include: [\"" << (folder_ / "a.log*").string()
        << "\"], parsers: [{ type: drop, equals: noise }] }\n";
    collector_.emplace(folder_ / "store", std::vector<std::string>{"--config", (folder_ / "towld.yaml").string()});
    ASSERT_TRUE(eventually([&] { return stats(collector_->stub()).entries_stored() == 2; }));
  }
  ProcessResult towlctl(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return run(arguments, {.environment = {{"TOWL_SERVER", collector_->address()}}});
  }

  TempFolder folder_;
  std::optional<Collector> collector_;
};

TEST_F(StatTest, EachInputAddsUpAndSaysWhy) {
  const auto told = towlctl({"stat"});
  EXPECT_EQ(told.code, 0) << told.err;
  EXPECT_THAT(told.out, testing::ContainsRegex("logs +3 +2 +0 +1  1 dropped by a parser\n"));
  const auto report = nlohmann::json::parse(towlctl({"--json", "stat"}).out);
  const auto& input = report["inputs"][0];
  EXPECT_EQ(input["received"], 3);
  EXPECT_EQ(input["stored"].get<int>() + input["rejected"].get<int>() + input["dropped"].get<int>(), 3);
  EXPECT_THAT(towlctl({"stat", "--gaps"}).out, HasSubstr("no input has lost anything"));
}

TEST_F(StatTest, AFileIsExplained) {
  const auto read = towlctl({"explain", (folder_ / "a.log").string()});
  EXPECT_EQ(read.code, 0) << read.err;
  EXPECT_THAT(read.out, HasSubstr("input:       logs"));
  EXPECT_THAT(read.out, HasSubstr("14 of 14 bytes"));
  EXPECT_THAT(towlctl({"explain", (folder_ / "a.log.gz").string()}).out, HasSubstr("compressed"));
  const auto other = towlctl({"explain", (folder_ / "other").string()});
  EXPECT_THAT(other.out, HasSubstr("not read: no input's include matches it"));
  EXPECT_THAT(other.out, HasSubstr("input logs reads"));
  const auto missing = towlctl({"explain", (folder_ / "a.log.7").string()});
  EXPECT_THAT(missing.out, HasSubstr("not read: it is not there"));
  EXPECT_THAT(missing.out, HasSubstr("input logs would read it"));
}

TEST_F(StatTest, ACollectorThatIsNotThereIsOneLine) {
  const auto failed = towlctl({"stat", "--server", "127.0.0.1:1"});
  EXPECT_EQ(failed.code, 2);
  EXPECT_EQ(std::count(failed.err.begin(), failed.err.end(), '\n'), 1) << failed.err;
  EXPECT_THAT(failed.out, testing::IsEmpty());
}

}  // namespace
}  // namespace towl::test

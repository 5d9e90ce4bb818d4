// towlctl seal: closed files become small, and hold the same entries.
#include <nlohmann/json.hpp>

#include "towlctl/program/program_fixture.hpp"

namespace towl::test {
namespace {

using testing::HasSubstr;

class SealProgram : public TowlctlProgram {
 protected:
  void SetUp() override {
    std::string lines;
    for (int i = 0; i < 2000; ++i) lines += "request " + std::to_string(i) + " was served\n";
    append("store", lines, {"--log-format", "text"});
  }
};

TEST_F(SealProgram, ClosesAndSealsAndKeepsEveryEntry) {
  const std::string before = towlctl({"cat", "1"}).out;
  const ProcessResult open = towlctl({"seal", "1"});
  EXPECT_EQ(open.code, 2);
  EXPECT_THAT(open.err, HasSubstr("is open"));
  const ProcessResult sealed = towlctl({"seal", "--close", "1"});
  EXPECT_EQ(sealed.code, 0) << sealed.err;
  EXPECT_THAT(sealed.out, testing::ContainsRegex("1\\.towl: 2,000 entries, .* are now "));
  EXPECT_EQ(towlctl({"cat", "1"}).out, before);
  EXPECT_EQ(towlctl({"verify", "1"}).code, 0);
  EXPECT_THAT(towlctl({"seal", "1"}).out, HasSubstr("sealed already"));
  EXPECT_EQ(towlctl({"append", "--store", "store"}, "one more\n").code, 0) << "entries go to the next file";
}

TEST_F(SealProgram, IsForProgramsToo) {
  const auto sealed = nlohmann::json::parse(towlctl({"--json", "seal", "--close", "1"}).out);
  EXPECT_EQ(sealed["count"], 2000);
  EXPECT_EQ(sealed["was_sealed"], false);
  EXPECT_LT(sealed["bytes_after"], sealed["bytes_before"]);
  EXPECT_EQ(nlohmann::json::parse(towlctl({"--json", "seal", "1"}).out)["was_sealed"], true);
  EXPECT_EQ(towlctl({"-q", "seal", "1"}).out, "");
  EXPECT_THAT(towlctl({"seal", "7"}).err, HasSubstr("no file 7"));
}

}  // namespace
}  // namespace towl::test

// `towld test` and `towld try`: parsers without a store.
#include "app/try_parsers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "app/part_tables.hpp"
#include "config/read_config.hpp"
#include "support/temp_folder.hpp"

namespace towld {
namespace {

using testing::HasSubstr;

Config read(const std::string& yaml) {
  Config config;
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  const auto done = read_document(yaml, "towld.yaml", none, all_part_types(), config);
  EXPECT_TRUE(done) << done.error().to_string();
  return config;
}

class TryParsers : public testing::Test {
 protected:
  /// What is printed, after "good: ", "bad: " or "error: ".
  std::string run(const std::string& cases) {
    const std::string file = (folder_ / "cases.yaml").string();
    std::ofstream(file) << cases;
    std::ostringstream out;
    const auto good = run_cases(config_, file, out);
    if (!good) return "error: " + good.error().to_string();
    return (*good ? "good: " : "bad: ") + out.str();
  }

  towl::test::TempFolder folder_;
  Config config_ = read(
      "inputs:\n- { name: app, type: file, include: [a], labels: { env: x },\n"
      "    multiline: { continue_pattern: '^ ' },\n"
      "    parsers: [{ type: regex, pattern: '^(?P<level>\\w+) (?P<user>\\w+)' }, { type: drop, field: user, equals: "
      "bob }] }\n"
      "- { name: pods, type: file, include: [b], parsers: [cri] }\n");
};

TEST_F(TryParsers, CasesThatAreGood) {
  const std::string result = run(R"(
cases:
  - name: joined
    input: app
    lines: "ERROR alice\n more\nINFO bob\nINFO carl\n"
    expect:
      - { PRIORITY: 3, user: alice, MESSAGE: "ERROR alice\n more", env: x, host: null }
      - { user: carl }
  - { input: pods, lines: ["2026-01-17T14:30:00Z stdout P a", "2026-01-17T14:30:00Z stdout F b"], exact: true,
      expect: [{ MESSAGE: ab, stream: stdout, time: "2026-01-17T14:30:00Z" }] }
)");
  EXPECT_THAT(result, HasSubstr("good: ok   joined\nok   case 2\n2 of 2 cases are good"));
}

TEST_F(TryParsers, WhatDiffersIsShown) {
  const std::string result = run(R"(
cases:
  - name: wrong
    input: pods
    lines: "2026-01-17T14:30:00Z stdout F a\nplain\n"
    exact: true
    expect:
      - { MESSAGE: b, stream: null }
)");
  EXPECT_THAT(result, HasSubstr("bad: FAIL wrong\n"));
  EXPECT_THAT(result, HasSubstr("    - MESSAGE: \"b\"\n    + MESSAGE: \"a\"\n"));
  EXPECT_THAT(result, HasSubstr("+ stream: \"stdout\""));
  EXPECT_THAT(result, HasSubstr("entry 2:\n    + MESSAGE: \"plain\""));
  EXPECT_THAT(result, HasSubstr("0 of 1 cases are good"));
}

TEST_F(TryParsers, CasesThatCannotBeRunAreErrors) {
  EXPECT_THAT(run("x: 1\n"), HasSubstr("there are no cases"));
  EXPECT_THAT(run("cases:\n- { input: none, lines: a }\n"),
              HasSubstr("cases.yaml:2: case 1: there is no input \"none\": there are app, pods"));
  EXPECT_THAT(run("cases:\n- { input: app, line: a }\n"), HasSubstr("\"line\" is not known here"));
  EXPECT_THAT(run("cases: [\n"), HasSubstr("not YAML"));
  std::ostringstream out;
  EXPECT_FALSE(run_cases(config_, (folder_ / "missing.yaml").string(), out));
}

TEST_F(TryParsers, EachStepIsShown) {
  std::istringstream in("ERROR alice\nINFO bob\nnothing-here\n");
  std::ostringstream out;
  ASSERT_TRUE(try_input(config_, "app", in, out));
  EXPECT_THAT(out.str(), HasSubstr("    regex: done\n      + PRIORITY: \"3\"\n"));
  EXPECT_THAT(out.str(), HasSubstr("    drop: drops it\n"));
  EXPECT_THAT(out.str(), HasSubstr("    regex: is not for this\n"));
  EXPECT_THAT(out.str(), HasSubstr("  => entry\n"));
  EXPECT_THAT(out.str(), HasSubstr("2 entries\n"));
  EXPECT_FALSE(try_input(config_, "none", in, out));
}

}  // namespace
}  // namespace towld

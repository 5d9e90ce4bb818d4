#include "output/entry_filter.hpp"

#include <gtest/gtest.h>

#include "towl/query/entry_test.hpp"

namespace towlctl {
namespace {

constexpr std::string_view kJournal =
    R"({"_SYSTEMD_UNIT":"nginx.service","SYSLOG_IDENTIFIER":"nginx","PRIORITY":"3","_PID":"77","TAG":["a","b"],"MESSAGE":"m"})";

bool matches(const FilterOptions& options, std::string_view text = kJournal,
             towl::LogFormat format = towl::LogFormat::journal_json) {
  const auto expression = filter_expression(options);
  EXPECT_TRUE(expression) << expression.error().to_string();
  auto test = towl::EntryTest::create(*expression);
  EXPECT_TRUE(test) << test.error().to_string();
  towl::Header header;
  header.title = "syslog";
  return test->passes({"web-1", 0, format, text}, header);
}

bool matches_text(const FilterOptions& options) { return matches(options, "text", towl::LogFormat::text); }

TEST(Filter, NothingAskedMatchesEverything) {
  EXPECT_TRUE(matches({}));
  EXPECT_TRUE(matches_text({}));
}

TEST(Filter, UnitsAreServicesUnlessTheySayOtherwise) {
  EXPECT_TRUE(matches({.units = {"nginx"}}));
  EXPECT_TRUE(matches({.units = {"nginx.service"}}));
  EXPECT_TRUE(matches({.units = {"ng*"}}));
  EXPECT_TRUE(matches({.units = {"other", "nginx"}}));
  EXPECT_FALSE(matches({.units = {"nginx.socket"}}));
  EXPECT_FALSE(matches_text({.units = {"nginx"}}));
  EXPECT_TRUE(matches({.units = {"x"}}, R"({"UNIT":"x.service"})"));
  EXPECT_TRUE(matches({.units = {"shop"}}, R"({"service.name":"shop"})"));
}

TEST(Filter, APriorityMeansItAndWhatIsWorse) {
  EXPECT_TRUE(matches({.priority = "err"}));
  EXPECT_TRUE(matches({.priority = "7"}));
  EXPECT_FALSE(matches({.priority = "crit"}));
  // Any name of a level.
  EXPECT_FALSE(matches({.priority = "critical"}));
  EXPECT_TRUE(matches({.priority = "WARN"}));
  EXPECT_TRUE(matches({.priority = "warn..fatal"}));
  // What the entry's own name for it says, no matter what else is in it.
  EXPECT_TRUE(matches({.priority = "err"}, R"({"level":"error","n":123456789012345678901234567890})"));
  EXPECT_TRUE(matches({.priority = "err"}, R"({"PRIORITY":"3","v":1e999,"u":"\ud83d"})"));
  EXPECT_FALSE(matches({.priority = "err"}, R"({"level":"info"})"));
  EXPECT_TRUE(matches({.priority = "err..err"}));
  EXPECT_TRUE(matches({.priority = "warning..crit"}));
  EXPECT_FALSE(matches({.priority = "debug..warning"}));
  EXPECT_FALSE(matches({.priority = "7"}, R"({"PRIORITY":"99999999999999999999"})"));
  EXPECT_FALSE(matches({.priority = "7"}, "{}"));
  EXPECT_FALSE(matches_text({.priority = "7"}));
}

TEST(Filter, SendersMayBePatterns) {
  EXPECT_TRUE(matches({.senders = {"web-1"}}));
  EXPECT_TRUE(matches_text({.senders = {"db", "web-*"}}));
  EXPECT_FALSE(matches_text({.senders = {"web"}}));
}

TEST(Filter, TheSameFieldIsOrAndDifferentOnesAreAnd) {
  EXPECT_TRUE(matches({.fields = {"_PID=77"}}));
  EXPECT_TRUE(matches({.fields = {"_HOSTNAME=web-1"}}));
  EXPECT_TRUE(matches({.fields = {"_PID=1", "_PID=77"}}));
  EXPECT_FALSE(matches({.fields = {"_PID=77", "MESSAGE=x"}}));
  EXPECT_TRUE(matches({.fields = {"_PID=77", "TAG=b"}}));
  EXPECT_TRUE(matches({.identifiers = {"nginx"}, .fields = {"_PID=77", "SENDER=web-1"}}));
  EXPECT_FALSE(matches({.identifiers = {"x"}, .fields = {"_PID=77"}}));
  EXPECT_TRUE(matches_text({.fields = {"MESSAGE=text", "SENDER=web-1"}}));
  EXPECT_FALSE(matches_text({.fields = {"_PID=77"}}));
}

TEST(Filter, APlusBetweenMatchesIsOr) {
  EXPECT_TRUE(matches({.fields = {"_PID=1", "+", "SYSLOG_IDENTIFIER=nginx"}}));
  EXPECT_TRUE(matches({.fields = {"_PID=77", "TAG=a", "+", "_PID=1"}}));
  EXPECT_FALSE(matches({.fields = {"_PID=77", "TAG=z", "+", "_PID=1"}}));
  EXPECT_TRUE(matches({.fields = {"+", "_PID=77", "+", "+"}}));
}

TEST(Filter, TitlesSelectFiles) {
  EXPECT_TRUE(matches({.titles = {"sys*"}}));
  EXPECT_FALSE(matches({.titles = {"nginx"}}));
  EXPECT_FALSE(matches({.orgs = {"acme"}}));
}

TEST(Filter, NonsenseIsRefused) {
  EXPECT_FALSE(filter_expression({.priority = "bad"}));
  EXPECT_FALSE(filter_expression({.priority = "err.."}));
  EXPECT_FALSE(filter_expression({.priority = ""}));
  EXPECT_FALSE(filter_expression({.fields = {"=x"}}));
}

}  // namespace
}  // namespace towlctl

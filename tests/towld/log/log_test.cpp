// The collector's own log.
#include <gtest/gtest.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <algorithm>
#include <sstream>

#include "log/rate_limited_sink.hpp"

namespace towld {
namespace {

TEST(Log, AFaultThatRepeatsIsToldSoManyTimesAndCounted) {
  std::ostringstream out;
  const auto sink = std::make_shared<RateLimitedSink>(std::make_shared<spdlog::sinks::ostream_sink_st>(out), 1, 5);
  sink->set_pattern("%v");
  const spdlog::log_clock::time_point start{std::chrono::hours(1)};
  const auto log = [&](int seconds, const char* text) {
    sink->log(spdlog::details::log_msg(start + std::chrono::seconds(seconds), {}, "towld", spdlog::level::err, text));
  };
  for (int i = 0; i < 100; ++i) log(0, "no space");
  EXPECT_EQ(std::ranges::count(out.str(), '\n'), 5);
  log(2, "space again");
  EXPECT_EQ(out.str().substr(5 * 9), "95 messages before this one were too many, and left out\nspace again\n");
}

}  // namespace
}  // namespace towld

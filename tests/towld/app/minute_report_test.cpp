// Every minute a line says what an input or an output did, if it did anything.
#include "app/minute_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace towld {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MinuteReport, TellsOfInputsWhatWasCountedSinceTheLastTime) {
  MinuteReport report;
  const auto nginx = std::make_shared<InputCounters>();
  const auto idle = std::make_shared<InputCounters>();
  InputStatus status;
  status.files = FilesStatus{.files = {{.offset = 100, .size = 130}, {.offset = 5, .size = 25}}};
  const auto lines = [&] { return report.lines({{"nginx", nginx}, {"idle", idle}}, {{"nginx", status}}, {}); };
  EXPECT_THAT(lines(), IsEmpty());
  nginx->received = 20;
  nginx->stored = 12;
  nginx->rejected = 3;
  nginx->dropped = 1;
  nginx->bytes = 2000;
  EXPECT_THAT(lines(), ElementsAre("input nginx: 20 entries, 3 rejected, 1 dropped, 2000 bytes, "
                                   "backlog 4 entries, 50 bytes"));
  EXPECT_THAT(lines(), IsEmpty());
  nginx->received += 5;
  nginx->stored += 9;
  nginx->bytes += 10;
  EXPECT_THAT(lines(), ElementsAre("input nginx: 5 entries, 0 rejected, 0 dropped, 10 bytes, "
                                   "backlog 0 entries, 50 bytes"));
}

TEST(MinuteReport, TellsOfOutputsAlsoThatTheyDoNotGetOn) {
  MinuteReport report;
  OutputStatus status;
  const auto lines = [&] { return report.lines({}, {}, {{"all", status}}); };
  EXPECT_THAT(lines(), IsEmpty());
  status.entries = 10;
  status.bytes = 1000;
  EXPECT_THAT(lines(), ElementsAre("output all: 10 entries, 1000 bytes, 0 failures, backlog 0 entries, 0 bytes"));
  EXPECT_THAT(lines(), IsEmpty());
  status.backlog_entries = 3;
  status.backlog_bytes = 300;
  status.failures = 2;
  status.error = "no space left";
  EXPECT_THAT(lines(), ElementsAre("output all: 0 entries, 0 bytes, 2 failures, backlog 3 entries, 300 bytes: "
                                   "no space left"));
  EXPECT_THAT(lines(), ElementsAre("output all: 0 entries, 0 bytes, 0 failures, backlog 3 entries, 300 bytes: "
                                   "no space left"));
  // One that was started again counts from 0.
  status = {.entries = 4, .bytes = 40};
  EXPECT_THAT(lines(), ElementsAre("output all: 4 entries, 40 bytes, 0 failures, backlog 0 entries, 0 bytes"));
}

}  // namespace
}  // namespace towld

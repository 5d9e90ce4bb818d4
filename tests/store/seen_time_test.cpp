// Files grow old by the time that was seen to pass: setting the clock removes nothing.
#include "seen_time.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <random>

#include "support/stores.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/store.hpp"

namespace towl {
namespace {

using detail::SeenTime;

constexpr std::int64_t kMinuteNs = 60 * kNanosecondsPerSecond;
constexpr std::int64_t kHourNs = 60 * kMinuteNs;
constexpr std::int64_t kDayNs = 24 * kHourNs;
constexpr Timestamp kStart = 1'768'660'200'000'000'000;  // 2026-01-17T14:30:00Z

/// A store that closes a file an hour and keeps files for 30 days, and both of its clocks.
class AgeingStore : public testing::Test {
 protected:
  AgeingStore() { open(); }

  void open() {
    auto opened = StoreWriter::open("/s", {.partition = {.max_entries = 10},
                                           .layer = &layer_,
                                           .clock = [this] { return wall_; },
                                           .steady_clock = [this] { return steady_; }});
    ASSERT_TRUE(opened) << opened.error().to_string();
    writer_.emplace(std::move(*opened));
    EXPECT_TRUE(writer_->tick());
  }

  /// The collector is off for this long; its machine may have been as well.
  void restart(std::int64_t off_ns, bool killed = false) {
    if (killed) {
      layer_.stop_at(layer_.operations());
      writer_.reset();
      layer_.cut_power(PowerCut::keep_synced);
    } else {
      ASSERT_TRUE(writer_->close());
      writer_.reset();
    }
    wall_ += off_ns;
    steady_ = 17;
    open();
  }

  /// Time passes, with a look every minute.
  void pass(std::int64_t ns) {
    for (; ns > 0; ns -= kMinuteNs) {
      wall_ += kMinuteNs;
      steady_ += kMinuteNs;
      ASSERT_TRUE(writer_->tick());
    }
  }

  void close_a_file() { ASSERT_TRUE(writer_->append(test::views(test::numbered_entries(0, 10)))); }

  std::size_t removed(RetentionPolicy policy = {.max_age_ns = 30 * kDayNs}) { return writer_->retain(policy)->size(); }

  MemoryFileLayer layer_;
  Timestamp wall_ = kStart;
  std::int64_t steady_ = kHourNs;
  std::optional<StoreWriter> writer_;
};

TEST_F(AgeingStore, AClockThatJumpsAMonthAheadRemovesNothing) {
  close_a_file();
  close_a_file();
  pass(kHourNs);
  wall_ += 31 * kDayNs;
  EXPECT_EQ(removed(), 0u);
  EXPECT_EQ(writer_->clock_gap_ns(), 31 * kDayNs);
  pass(2 * kHourNs);
  EXPECT_EQ(removed(), 0u);
  EXPECT_EQ(removed({.max_bytes = 1}), 1u) << "other policies go on";
}

TEST_F(AgeingStore, NorAtAStart) {
  close_a_file();
  close_a_file();
  pass(kHourNs);
  restart(31 * kDayNs);
  EXPECT_EQ(removed(), 0u);
  EXPECT_EQ(writer_->clock_gap_ns(), 31 * kDayNs);
  restart(0);
  EXPECT_EQ(removed(), 0u) << "the doubt is kept";
  pass(2 * kHourNs);
  restart(kMinuteNs, true);
  EXPECT_EQ(removed(), 0u);
  EXPECT_TRUE(writer_->clock_gap_ns());
}

TEST_F(AgeingStore, AnHourOfAgreementEndsTheDoubt) {
  close_a_file();
  close_a_file();
  pass(kHourNs);
  wall_ += 400 * kDayNs;
  pass(kHourNs);
  wall_ -= 400 * kDayNs;
  pass(kHourNs - 2 * kMinuteNs);
  EXPECT_TRUE(writer_->clock_gap_ns());
  wall_ += 2 * kDayNs;
  pass(kMinuteNs);
  wall_ -= 2 * kDayNs;
  pass(kHourNs - kMinuteNs);
  EXPECT_TRUE(writer_->clock_gap_ns()) << "it jumped once more: the hour begins again";
  pass(2 * kMinuteNs);
  EXPECT_FALSE(writer_->clock_gap_ns());
  EXPECT_EQ(removed(), 0u);
  pass(30 * kDayNs);
  EXPECT_EQ(removed(), 1u) << "the older one, by the time that passed";
}

// A collector that was switched off for long sees the same as one whose clock was set: a person must say which it is.
TEST_F(AgeingStore, WhoeverConfirmsTheClockIsBelieved) {
  close_a_file();
  close_a_file();
  pass(kHourNs);
  restart(40 * kDayNs);
  EXPECT_EQ(removed(), 0u);
  writer_->confirm_clock();
  EXPECT_FALSE(writer_->clock_gap_ns());
  restart(0);
  EXPECT_EQ(removed(), 1u);
}

TEST_F(AgeingStore, InDoubtFilesGrowOldByTheTimeThatPasses) {
  close_a_file();
  close_a_file();
  restart(7 * kDayNs);
  EXPECT_EQ(removed(), 0u);
  pass(29 * kDayNs);
  EXPECT_EQ(removed(), 0u);
  EXPECT_EQ(writer_->clock_gap_ns(), 7 * kDayNs);
  pass(2 * kDayNs);
  EXPECT_EQ(removed(), 1u) << "nobody confirms, and the store does not grow for ever";
}

TEST_F(AgeingStore, AShortStopCounts) {
  close_a_file();
  close_a_file();
  for (int day = 0; day < 31; ++day) {
    EXPECT_EQ(removed(), 0u);
    restart(23 * kHourNs);
    EXPECT_FALSE(writer_->clock_gap_ns());
    pass(kHourNs);
  }
  EXPECT_EQ(removed(), 1u);
}

// A machine whose battery is empty starts in 1970, or 2000, and is set right by the network.
TEST_F(AgeingStore, AFileThatWasClosedInThePastIsAsOldAsTheOneBeforeIt) {
  close_a_file();
  pass(kHourNs);
  wall_ -= 20 * 365 * kDayNs;
  close_a_file();
  EXPECT_EQ(removed(), 0u);
  wall_ += 20 * 365 * kDayNs;
  close_a_file();
  pass(2 * kHourNs);
  EXPECT_FALSE(writer_->clock_gap_ns());
  EXPECT_EQ(removed(), 0u);
}

// By a clock that was set back it would be as old as the first one.
TEST_F(AgeingStore, AFileThatIsClosedLongAfterTheOneBeforeItDoesNotGoWithIt) {
  close_a_file();
  pass(kHourNs);
  wall_ -= 100 * kDayNs;
  pass(20 * kDayNs);
  close_a_file();
  close_a_file();
  wall_ += 100 * kDayNs;
  pass(11 * kDayNs);
  EXPECT_FALSE(writer_->clock_gap_ns());
  EXPECT_EQ(removed(), 1u);
  EXPECT_EQ(removed(), 0u);
  pass(20 * kDayNs);
  EXPECT_EQ(removed(), 1u) << "and the newest stays";
}

// For any clock, no file is removed before it is old enough by the time that really passed, short stops included.
TEST_F(AgeingStore, NoWayOfSettingTheClockRemovesAFileTooEarly) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  std::int64_t passed = 0;
  std::int64_t off = 0;
  std::vector<std::int64_t> closed;
  for (int step = 0; step < 300; ++step) {
    const std::int64_t span = static_cast<std::int64_t>(random() % 600) * kMinuteNs;
    switch (random() % 5) {
      case 0:
        wall_ += (static_cast<std::int64_t>(random() % 200) - 100) * kDayNs;
        break;
      case 1:
        restart(span, random() % 2 == 0);
        passed += span;
        off += kDayNs;  // What one stop may be taken for.
        break;
      default:
        pass(span);
        passed += span;
    }
    close_a_file();
    closed.push_back(passed);
    const std::size_t gone = removed();
    for (std::size_t i = 0; i < gone; ++i) ASSERT_GT(passed - closed[i] + off + kDayNs, 30 * kDayNs) << i;
    closed.erase(closed.begin(), closed.begin() + static_cast<std::ptrdiff_t>(gone));
  }
}

TEST(SeenTimes, ARecordThatIsNoneIsPassedOver) {
  SeenTime good("", kStart, 0);
  good.look(kStart + 3 * kDayNs, kMinuteNs);
  const std::string record = good.record();
  EXPECT_TRUE(SeenTime(record, kStart, 0).doubt());
  for (std::size_t i = 0; i < record.size(); ++i) {
    std::string damaged = record;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(SeenTime(damaged, kStart, 0).doubt()) << i;
    EXPECT_FALSE(SeenTime(record.substr(0, i), kStart, 0).doubt()) << i;
  }
}

TEST(SeenTimes, TheEndsOfTimeAreNoTrap) {
  constexpr auto kLast = std::numeric_limits<Timestamp>::max();
  constexpr auto kFirst = std::numeric_limits<Timestamp>::min();
  SeenTime time("", kFirst, 0);
  time.look(kLast, kLast);
  EXPECT_EQ(time.doubt(), kLast);
  time.look(kFirst, kFirst);
  time.look(kLast, kLast);
  time.look(kLast, 0);
  EXPECT_GE(time.time(), kLast - 1);
}

}  // namespace
}  // namespace towl

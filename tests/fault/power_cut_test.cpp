// Power cuts against the real collector: its store is on an ext4 file system whose power fails at random moments under
// load (EXT4_IOC_SHUTDOWN without a flush of the log). The ledger is outside of it.
//
// TOWL_FAULT_ROUNDS=N   that many power cuts instead of 10. A round takes about two seconds; run the program
//                       itself for more than a few hundred, ctest ends it after ten minutes.
// TOWL_TEST_SEED=N      the moments of an earlier run.
// Needs root, loop devices and e2fsprogs; is skipped elsewhere.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <random>
#include <thread>

#include "fault/ledger.hpp"
#include "fault/loop_file_system.hpp"

namespace towl::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::size_t kPowerProducers = 4;

/// `interval` promises a second and one sync. What that sync may take on a busy machine is added.
constexpr auto kIntervalPromise = 1s;
constexpr auto kOneSync = 1s;

int rounds_of_test() {
  const char* set = std::getenv("TOWL_FAULT_ROUNDS");
  return set != nullptr ? std::max(1, std::atoi(set)) : 10;
}

/// What producers do in a round, and how long until the power goes.
struct Round {
  const char* name;
  std::vector<LedgerProducer::Load> loads;  ///< Of the producers in turn.
  milliseconds shortest;
  milliseconds longest;
};

const std::vector<Round>& rounds() {
  // If only `interval` is asked for, the load is light: 4 MiB between two syncs would be synced for their size.
  static const std::vector<Round> all = {
      {"synced", {{v1::DURABILITY_SYNCED, {}}}, 20ms, 1000ms},
      {"interval", {{v1::DURABILITY_INTERVAL, 20ms}}, 2500ms, 4000ms},
      {"all levels",
       {{v1::DURABILITY_SYNCED, 2ms}, {v1::DURABILITY_INTERVAL, 1ms}, {v1::DURABILITY_WRITTEN, 1ms}},
       20ms,
       1500ms},
      {"written", {{v1::DURABILITY_WRITTEN, 100us}}, 20ms, 1000ms},
      {"synced, slowly", {{v1::DURABILITY_SYNCED, 20ms}}, 20ms, 500ms},
  };
  return all;
}

/// Whether SIGSTOP has reached all threads: calls that were running have ended.
bool is_stopped(int pid) {
  for (const auto& thread : std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task")) {
    std::string stat;
    std::getline(std::ifstream(thread.path() / "stat"), stat);
    const auto name_end = stat.rfind(')');
    if (name_end == std::string::npos || stat.compare(name_end, 3, ") T") != 0) return false;
  }
  return true;
}

// A test setup that loses nothing would prove nothing.
TEST(PowerCut, TakesWhatWasNotSyncedAndLeavesTheRest) {
  for (const bool journal : {true, false}) {
    SCOPED_TRACE(journal ? "with a journal" : "without a journal");
    LoopFileSystem disk({.journal = journal});
    if (!disk.mounted()) GTEST_SKIP() << "SKIPPED: " << disk.reason();
    std::ofstream(disk / "synced") << "kept";
    for (const auto& path : {disk / "synced", disk / ""}) {
      const int fd = open(path.c_str(), O_RDONLY);
      ASSERT_EQ(fsync(fd), 0);
      close(fd);
    }
    std::ofstream(disk / "synced", std::ios::app) << "lost";
    ASSERT_TRUE(disk.cut_power()) << disk.reason();
    EXPECT_FALSE(std::ofstream(disk / "after") << "x" << std::flush);
    ASSERT_TRUE(disk.power_on());
    std::string text;
    std::ifstream(disk / "synced") >> text;
    // Without a journal the size may be there, but not the bytes.
    if (!journal) text.resize(text.find_last_not_of('\0') + 1);
    EXPECT_EQ(text, "kept");
    EXPECT_FALSE(std::filesystem::exists(disk / "after"));
  }
}

TEST(PowerCut, LosesNothingThatWasPromisedToSurviveIt) {
  LoopFileSystem disk;
  if (!disk.mounted()) GTEST_SKIP() << "SKIPPED: " << disk.reason();
  const auto seed = seed_of_test();
  std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto between = [&](milliseconds low, milliseconds high) {
    return milliseconds(std::uniform_int_distribution<std::int64_t>(low.count(), high.count())(random));
  };
  const TempFolder config;
  std::ofstream(config / "towld.yaml") << "store: { partition: { max_entries: 20000 } }\n";
  const auto store = disk / "store";
  std::vector<std::unique_ptr<LedgerProducer>> producers;
  for (std::size_t i = 0; i < kPowerProducers; ++i) producers.push_back(std::make_unique<LedgerProducer>(i));
  std::uint64_t acknowledged = 0;
  std::uint64_t promised = 0;
  std::uint64_t lost = 0;
  auto collector = std::make_unique<Collector>(store, std::vector<std::string>{"--config", config / "towld.yaml"});
  for (int i = 0; i < rounds_of_test(); ++i) {
    const Round& round = rounds()[static_cast<std::size_t>(i) % rounds().size()];
    SCOPED_TRACE("round " + std::to_string(i) + ", " + round.name);
    ASSERT_FALSE(collector->address().empty());
    std::atomic<bool> stop = false;
    std::vector<std::jthread> threads;
    for (std::size_t p = 0; p < producers.size(); ++p) {
      threads.emplace_back(
          [&, p] { producers[p]->produce(collector->stub(), round.loads[p % round.loads.size()], stop); });
    }
    std::this_thread::sleep_for(between(round.shortest, round.longest));
    // Every other time between two calls, and the collector lives on for a while: without its disk it must acknowledge
    // nothing. The other times anywhere, in the middle of a sync too; Linux may answer that one with success although
    // its transaction is gone, which no producer would have heard of.
    const bool lives_on = between(0ms, 1ms) == 1ms;
    if (lives_on) {
      collector->process().signal(SIGSTOP);
      ASSERT_TRUE(eventually([&] { return is_stopped(collector->process().pid()); }));
    }
    const auto cut_at = LedgerProducer::Clock::now();
    const bool cut = disk.cut_power();
    if (lives_on) {
      collector->process().signal(SIGCONT);
      std::this_thread::sleep_for(between(20ms, 100ms));
    }
    stop = true;
    collector->process().signal(SIGKILL);
    threads.clear();
    ASSERT_TRUE(cut) << disk.reason();
    ASSERT_EQ(collector->process().wait(), 128 + SIGKILL) << collector->process().err();
    ASSERT_TRUE(disk.power_on());

    collector = std::make_unique<Collector>(store, std::vector<std::string>{"--config", config / "towld.yaml"});
    const auto stored = read_back(store, *collector, kPowerProducers);
    if (HasFailure()) return;
    for (std::size_t p = 0; p < producers.size(); ++p) {
      LedgerProducer& producer = *producers[p];
      if (!lives_on) producer.forget_from(cut_at);
      const auto safe = cut_at - kIntervalPromise - kOneSync;
      producer.check(stored[p], safe);
      if (HasFatalFailure()) return;
      acknowledged += producer.acknowledged();
      promised += producer.promised(safe) - producer.base();
      const std::uint64_t all = producer.base() + producer.acknowledged();
      lost += all - std::min<std::uint64_t>(all, stored[p].size());
      producer.go_on_behind(stored[p]);
    }
  }
  std::printf("%llu entries acknowledged, %llu promised to survive, %llu of the others lost\n",
              static_cast<unsigned long long>(acknowledged), static_cast<unsigned long long>(promised),
              static_cast<unsigned long long>(lost));
  EXPECT_GT(promised, 0u);
  // It takes new entries, and stops as it should.
  EXPECT_TRUE(append(collector->stub(), {make_request({{"p0", 0, LogFormat::text, "after"}})}).status.ok());
  EXPECT_EQ(collector->stop(), 0);
}

}  // namespace
}  // namespace towl::test

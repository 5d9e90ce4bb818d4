// An agent tails a file and forwards to a collector; both are killed at random moments, and the link between them is
// cut. Every line is in the collector's store once, in its order.
//
// TOWL_TEST_SEED repeats a run; TOWL_TEST_ROUNDS makes it longer.
#include <gtest/gtest.h>
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <optional>
#include <random>

#include "support/collector.hpp"
#include "support/fault_proxy.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* set = std::getenv(name);
  return set != nullptr ? std::strtoull(set, nullptr, 10) : otherwise;
}

std::string text_of(std::uint64_t number) {
  return std::to_string(number) + " line" + std::string(static_cast<std::size_t>(number % 90), '.');
}

class AgentKillTest : public testing::Test {
 protected:
  AgentKillTest() { std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_)); }

  void configure(const std::string& collector) {
    std::ofstream(folder_ / "agent.yaml")
        << "store: { partition: { max_entries: 3000 }, retain: { max_bytes: 2MiB } }\n"
        << "inputs:\n  - { name: logs, type: file, include: [\"" << (folder_ / "a.log").string() << "\"] }\n"
        << "outputs:\n  - { type: towl, remote: \"" << collector << "\" }\n";
  }
  void start_agent() {
    agent_.emplace(folder_ / "agent", std::vector<std::string>{"--config", (folder_ / "agent.yaml").string()});
  }
  void start_collector() {
    collector_.emplace(folder_ / "collector");
    if (proxy_) proxy_->set_target(collector_->address());
  }
  static void kill(std::optional<Collector>& program) {
    program->process().signal(SIGKILL);
    EXPECT_EQ(program->process().wait(), 128 + SIGKILL);
    program.reset();
  }

  void write_lines(std::uint64_t count) {
    std::ofstream file(folder_ / "a.log", std::ios::app);
    for (const std::uint64_t end = written_ + count; written_ < end; ++written_) file << text_of(written_) << '\n';
  }

  /// How many entries the collector has; ends the test if one is not the next line.
  std::uint64_t check_collector() {
    const auto store = Store::open(folder_ / "collector");
    std::uint64_t next = 0;
    for (const Entry& entry : read_all(*store)) {
      if (entry.log_entry != text_of(next)) {
        ADD_FAILURE() << "entry " << next << " is " << entry.log_entry;
        return next;
      }
      ++next;
    }
    return next;
  }

  const std::uint64_t seed_ = number_from_environment("TOWL_TEST_SEED", std::random_device{}());
  const std::uint64_t rounds_ = number_from_environment("TOWL_TEST_ROUNDS", 25);
  TempFolder folder_;
  std::optional<FaultProxy> proxy_;
  std::optional<Collector> collector_;
  std::optional<Collector> agent_;
  std::uint64_t written_ = 0;
};

TEST_F(AgentKillTest, EveryLineArrivesOnceWhateverDies) {
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed_));
  std::mt19937_64 random(seed_);
  const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
  start_collector();
  proxy_.emplace(collector_->address());
  configure(proxy_->address());
  start_agent();
  for (std::uint64_t round = 0; round < rounds_; ++round) {
    write_lines(static_cast<std::uint64_t>(upto(3000)));
    std::this_thread::sleep_for(std::chrono::milliseconds(upto(150)));
    switch (upto(4)) {
      case 0:
        kill(agent_);
        start_agent();
        break;
      case 1:
        kill(collector_);
        start_collector();
        break;
      case 2:
        proxy_->cut();
        break;
      case 3:
        proxy_->set_fault(Fault::reset, static_cast<std::uint64_t>(upto(100'000)));
        break;
      default:
        proxy_->set_fault(Fault::none, 0);
    }
  }
  proxy_->set_fault(Fault::none, 0);
  proxy_->cut();
  const bool complete = eventually(
      [&] {
        const auto now = stats(collector_->stub());
        return now.files() > 0 && check_collector() >= written_;
      },
      90s);
  EXPECT_TRUE(complete) << "the agent said: " << agent_->process().err().substr(0, 2000);
  EXPECT_EQ(check_collector(), written_);
  EXPECT_EQ(agent_->stop(), 0) << agent_->process().err();
  EXPECT_EQ(collector_->stop(), 0);
}

}  // namespace
}  // namespace towl::test

// Syncs that really fail under the real collector. A failed sync is final (P2): the kernel has forgotten the pages it
// could not write, and the next sync reports success.
//
// FailingDisk:  ext4 without a journal in an image file on a tmpfs too small for it. ext4 believes that there is room;
//               fdatasync answers ENOSPC, then EIO, then success although nothing more was written.
// FailingSync:  strace makes the Nth fdatasync or fsync of the collector answer EIO.
// Both need root and loop devices or strace; they are skipped elsewhere.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <thread>

#include "fault/ledger.hpp"
#include "fault/loop_file_system.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kProducers = 3;

/// Producers that run until they are told to stop.
class Producers {
 public:
  Producers() {
    for (std::size_t i = 0; i < kProducers; ++i) all_.push_back(std::make_unique<LedgerProducer>(i));
  }
  ~Producers() { stop(); }

  void start(Collector& collector, const std::vector<LedgerProducer::Load>& loads) {
    stop_ = false;
    for (std::size_t i = 0; i < all_.size(); ++i) {
      threads_.emplace_back(
          [this, i, &collector, load = loads[i % loads.size()]] { all_[i]->produce(collector.stub(), load, stop_); });
    }
  }
  void stop() {
    stop_ = true;
    threads_.clear();
  }
  /// Says so, without waiting: the streams end with the collector.
  void tell_to_stop() { stop_ = true; }

  /// Waits until each of them has been acknowledged this many entries more.
  bool are_served(std::uint64_t more) {
    std::vector<std::uint64_t> wanted;
    for (const auto& producer : all_) wanted.push_back(producer->acknowledged() + more);
    return eventually([&] {
      for (std::size_t i = 0; i < all_.size(); ++i) {
        if (all_[i]->acknowledged() < wanted[i]) return false;
      }
      return true;
    });
  }
  std::uint64_t refused() const {
    std::uint64_t sum = 0;
    for (const auto& producer : all_) sum += producer->refused();
    return sum;
  }
  std::uint64_t acknowledged() const {
    std::uint64_t sum = 0;
    for (const auto& producer : all_) sum += producer->acknowledged();
    return sum;
  }
  void check(const std::filesystem::path& store, Collector& collector) const {
    const auto stored = read_back(store, collector, kProducers);
    if (testing::Test::HasFailure()) return;
    for (std::size_t i = 0; i < all_.size(); ++i) all_[i]->check(stored[i], std::nullopt);
  }

 private:
  std::vector<std::unique_ptr<LedgerProducer>> all_;
  std::atomic<bool> stop_ = false;
  std::vector<std::jthread> threads_;
};

/// What is written at a time: no multiple of a page.
constexpr std::size_t kPiece = 100'001;

/// What fdatasync answers when a piece more is written, again and again, until it fails; and when it is asked again
/// then, until it says that all is well.
std::vector<int> answers_of_fdatasync(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
  const std::string piece(kPiece, 'x');
  std::vector<int> answers;
  const auto sync = [&] {
    answers.push_back(fdatasync(fd) == 0 ? 0 : errno);
    return answers.back() == 0;
  };
  while (answers.size() < 1000 && write(fd, piece.data(), piece.size()) > 0 && sync()) {
  }
  for (int i = 0; i < 10 && !sync(); ++i) {
  }
  close(fd);
  return answers;
}

// The test setup: what was synced before the first failure is there, and a second try after it reports success.
TEST(FailingDisk, FailsASyncAndThenClaimsSuccess) {
  const MemoryDisk memory(12);
  if (!memory.mounted()) GTEST_SKIP() << "SKIPPED: " << memory.reason();
  LoopFileSystem disk({.image_folder = memory.path(), .bytes = 64 << 20, .journal = false});
  if (!disk.mounted()) GTEST_SKIP() << "SKIPPED: " << disk.reason();
  const auto answers = answers_of_fdatasync(disk / "file");
  const auto failed = std::find_if(answers.begin(), answers.end(), [](int answer) { return answer != 0; });
  ASSERT_NE(failed, answers.end());
  EXPECT_EQ(answers.back(), 0);
  ASSERT_TRUE(disk.cut_power()) << disk.reason();
  ASSERT_TRUE(disk.power_on());
  std::ifstream file(disk / "file", std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  EXPECT_GE(text.find_first_not_of('x'), static_cast<std::size_t>(failed - answers.begin()) * kPiece);
}

TEST(FailingDisk, LosesNothingThatWasAcknowledgedAndStoresNothingTwice) {
  MemoryDisk memory(12);
  if (!memory.mounted()) GTEST_SKIP() << "SKIPPED: " << memory.reason();
  LoopFileSystem disk({.image_folder = memory.path(), .bytes = 64 << 20, .journal = false});
  if (!disk.mounted()) GTEST_SKIP() << "SKIPPED: " << disk.reason();
  const auto store = disk / "store";
  Producers producers;
  auto collector = std::make_unique<Collector>(store);
  producers.start(*collector, {{v1::DURABILITY_SYNCED, 500us}});
  ASSERT_TRUE(eventually([&] { return producers.refused() > 0; })) << "no sync failed";
  const auto before = producers.acknowledged();
  EXPECT_GT(before, 0u);
  std::this_thread::sleep_for(300ms);

  ASSERT_TRUE(memory.resize(64));
  EXPECT_TRUE(producers.are_served(100)) << "it does not go on: " << collector->process().err();
  // All is acknowledged when the power goes: without a journal, a file's size may get ahead of its bytes, and format 1
  // cannot tell zeros in the text of an entry that was promised to nobody.
  producers.stop();
  ASSERT_TRUE(disk.cut_power()) << disk.reason();
  collector->process().signal(SIGKILL);
  ASSERT_TRUE(collector->process().wait());
  const std::string said = collector->process().err();
  EXPECT_THAT(said, testing::HasSubstr("cannot sync"));
  ASSERT_TRUE(disk.power_on());

  collector = std::make_unique<Collector>(store);
  producers.check(store, *collector);
  if (HasFailure()) std::printf("%s\n", said.substr(0, 4000).c_str());
}

/// strace on a running program: `inject` is what follows -e inject=.
class Strace {
 public:
  Strace(int pid, const std::string& inject)
      : process_({find_program("strace"), "-f", "-p", std::to_string(pid), "-e", "trace=fdatasync,fsync", "-e",
                  "inject=" + inject}) {
    attached_ =
        eventually([&] { return !process_.running() || process_.err().find("attached") != std::string::npos; }) &&
        process_.running();
  }
  bool attached() const { return attached_; }
  std::string said() const { return process_.err(); }
  bool injected() const { return process_.err().find("(INJECTED)") != std::string::npos; }
  /// Releases the program, which runs on.
  void detach() {
    process_.signal(SIGTERM);
    process_.wait();
  }

 private:
  Process process_;
  bool attached_ = false;
};

class FailingSync : public testing::TestWithParam<const char*> {
 protected:
  /// Runs the collector with producers while the syncs fail, and checks what is stored after `signal`.
  void fails_for_a_while(const char* inject, const std::vector<LedgerProducer::Load>& loads, int signal);
};

void FailingSync::fails_for_a_while(const char* inject, const std::vector<LedgerProducer::Load>& loads, int signal) {
  if (find_program("strace").empty()) GTEST_SKIP() << "SKIPPED: strace is not installed";
  const TempFolder folder;
  const TempFolder config;
  // A multiple of the producers' batches: of a batch across two files, the part in the first one stays.
  std::ofstream(config / "towld.yaml") << "store: { partition: { max_entries: 2800 } }\n";
  const std::vector<std::string> flags = {"--config", config / "towld.yaml"};
  const auto store = folder / "store";
  Producers producers;
  auto collector = std::make_unique<Collector>(store, flags);
  Strace strace(collector->process().pid(), inject);
  if (!strace.attached()) GTEST_SKIP() << "SKIPPED: strace cannot attach: " << strace.said();
  producers.start(*collector, loads);
  ASSERT_TRUE(eventually([&] { return strace.injected(); })) << "no sync failed: " << strace.said();
  std::this_thread::sleep_for(100ms);
  strace.detach();
  EXPECT_TRUE(producers.are_served(100)) << "it does not go on: " << collector->process().err();
  producers.tell_to_stop();
  collector->process().signal(signal);
  producers.stop();
  ASSERT_TRUE(collector->process().wait());
  const std::string said = collector->process().err();
  collector = std::make_unique<Collector>(store, flags);
  producers.check(store, *collector);
  if (HasFailure()) std::printf("%s\n%s\n", strace.said().substr(0, 3000).c_str(), said.substr(0, 4000).c_str());
}

TEST_P(FailingSync, OfSyncedEntriesLosesNothingAndStoresNothingTwice) {
  fails_for_a_while(GetParam(), {{v1::DURABILITY_SYNCED, 1ms}}, SIGKILL);
}

TEST_P(FailingSync, OfAllLevelsLosesNothingAndStoresNothingTwice) {
  fails_for_a_while(GetParam(),
                    {{v1::DURABILITY_SYNCED, 5ms}, {v1::DURABILITY_INTERVAL, 1ms}, {v1::DURABILITY_WRITTEN, 1ms}},
                    SIGTERM);
}

INSTANTIATE_TEST_SUITE_P(At, FailingSync,
                         testing::Values("fdatasync:error=EIO:when=1", "fdatasync:error=EIO:when=2",
                                         "fdatasync:error=EIO:when=3", "fdatasync:error=EIO:when=20",
                                         "fdatasync:error=ENOSPC:when=5..6", "fdatasync:error=EIO:when=5..8",
                                         "fdatasync:error=EIO:when=3+4", "fdatasync:error=EIO:when=7+2",
                                         "fsync:error=EIO:when=1", "fsync:error=EIO:when=2",
                                         "fdatasync,fsync:error=EIO:when=4+"),
                         [](const auto& test) { return std::to_string(test.index); });

}  // namespace
}  // namespace towl::test

// The program itself under a writer, real logrotate, and SIGKILL at random moments: every line is stored once.
//
// TOWL_TEST_SEED repeats a run; TOWL_TEST_ROTATIONS makes it longer.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <thread>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* kLogrotate = "/usr/sbin/logrotate";

std::uint64_t number_from_environment(const char* name, std::uint64_t otherwise) {
  const char* set = std::getenv(name);
  return set != nullptr ? std::strtoull(set, nullptr, 10) : otherwise;
}

class FileKillTest : public testing::Test {
 protected:
  FileKillTest() { std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed_)); }

  void configure(const std::string& include, const std::string& rotation) {
    std::ofstream(folder_ / "towld.yaml")
        << "store: { partition: { max_entries: 20000 } }\n"
        << "inputs:\n  - { name: logs, type: file, include: [\"" << (logs_ / include).string() << "\"] }\n";
    std::ofstream(folder_ / "logrotate.conf")
        << log().string() << " {\n  rotate 10000\n  nocompress\n  missingok\n  " << rotation << "\n}\n";
    fs::permissions(folder_ / "logrotate.conf", fs::perms::owner_read | fs::perms::owner_write);
  }

  fs::path log() const { return logs_ / "a.log"; }

  void rotate() const {
    const auto rotated =
        run({kLogrotate, "-f", "-s", (folder_ / "state").string(), (folder_ / "logrotate.conf").string()});
    EXPECT_EQ(rotated.code, 0) << rotated.err;
  }

  std::unique_ptr<Collector> collector() const {
    return std::make_unique<Collector>(store(),
                                       std::vector<std::string>{"--config", (folder_ / "towld.yaml").string()});
  }
  fs::path store() const { return folder_ / "store"; }

  /// Kills towld at random moments while `work` goes on, then lets it read the rest.
  void kill_while(const std::function<void()>& work, const std::function<bool()>& is_all_read) {
    std::atomic<bool> done = false;
    std::jthread worker([&] {
      work();
      done = true;
    });
    std::mt19937_64 random(seed_);
    int kills = 0;
    for (; !done; ++kills) {
      const auto running = collector();
      std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, 200'000)(random)));
      running->process().signal(SIGKILL);
      EXPECT_EQ(running->process().wait(), 128 + SIGKILL);
    }
    worker.join();
    const auto last = collector();
    EXPECT_TRUE(eventually(is_all_read, 60s));
    EXPECT_EQ(last->stop(), 0);
    std::printf("%d kills\n", kills);
  }

  /// The numbers in the store, in its order.
  std::vector<std::uint64_t> stored() const {
    std::vector<std::uint64_t> numbers;
    const auto opened = Store::open(store());
    if (!opened) return numbers;
    for (const Entry& entry : read_all(*opened)) {
      numbers.push_back(std::strtoull(entry.log_entry.c_str(), nullptr, 10));
      if (entry.log_entry != text(numbers.back())) ADD_FAILURE() << "not a line: " << entry.log_entry;
    }
    return numbers;
  }

  static std::string text(std::uint64_t number) {
    return std::to_string(number) + " line" + std::string(static_cast<std::size_t>(number % 90), '.');
  }

  std::uint64_t count_in_store() const {
    std::uint64_t count = 0;
    const auto opened = Store::open(store());
    const auto listing = opened->list();
    for (const auto& file : listing->files) {
      auto reader = FileReader::open(file.path);
      if (!reader) return 0;
      for (auto entry = reader->next(); entry && *entry; entry = reader->next()) ++count;
    }
    return count;
  }

  const std::uint64_t seed_ = number_from_environment("TOWL_TEST_SEED", std::random_device{}());
  const std::uint64_t rotations_ = number_from_environment("TOWL_TEST_ROTATIONS", 200);
  TempFolder folder_;
  TempFolder logs_;
};

TEST_F(FileKillTest, RotationByRenameUnderKillsKeepsEveryLineOnce) {
  if (!fs::exists(kLogrotate)) GTEST_SKIP() << "logrotate is not installed";
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed_));
  configure("a.log*", "create 0600");
  std::ofstream(log()).close();
  std::uint64_t written = 0;
  const auto work = [&] {
    std::atomic<bool> rotated = false;
    std::jthread rotator([&] {
      for (std::uint64_t i = 0; i < rotations_; ++i) rotate();
      rotated = true;
    });
    std::mt19937_64 random(seed_ + 1);
    const auto upto = [&](int most) { return std::uniform_int_distribution<int>(0, most)(random); };
    while (!rotated) {
      // Some lines in one file, which may be renamed in between; one of them in two pieces. Only logrotate makes the
      // file: one that exists earlier is moved out of its way, to a name that the next such file takes over.
      std::ofstream file(log(), std::ios::in | std::ios::ate);
      if (!file) continue;
      for (int lines = upto(60); lines >= 0; --lines) {
        const std::string line = text(written++) + "\n";
        const auto half = static_cast<std::size_t>(upto(3) == 0 ? upto(static_cast<int>(line.size())) : 0);
        file << line.substr(0, half);
        if (half > 0) file << std::flush;
        file << line.substr(half);
      }
      file.close();
      std::this_thread::sleep_for(std::chrono::microseconds(upto(1500)));
    }
  };
  kill_while(work, [&] { return count_in_store() >= written; });
  const auto numbers = stored();
  std::vector<int> times(written, 0);
  for (const std::uint64_t number : numbers) {
    ASSERT_LT(number, written);
    ++times[number];
  }
  std::uint64_t missing = 0;
  std::uint64_t repeated = 0;
  for (const int n : times) {
    missing += n == 0;
    repeated += n > 1;
  }
  EXPECT_EQ(missing, 0u);
  EXPECT_EQ(repeated, 0u);
  std::printf("%llu lines, %llu rotations\n", static_cast<unsigned long long>(written),
              static_cast<unsigned long long>(rotations_));
}

// What is written between the copy and the truncation, or vanishes before it was read, is lost by the nature of it; all
// else is there, once and in order.
TEST_F(FileKillTest, RotationByCopyAndTruncateUnderKillsLosesOnlyWhatVanishedUnread) {
  if (!fs::exists(kLogrotate)) GTEST_SKIP() << "logrotate is not installed";
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed_));
  configure("a.log", "copytruncate");
  std::uint64_t written = 0;
  const auto work = [&] {
    std::atomic<bool> rotated = false;
    std::jthread rotator([&] {
      for (std::uint64_t i = 0; i < rotations_ / 4; ++i) {
        rotate();
        std::this_thread::sleep_for(20ms);
      }
      rotated = true;
    });
    std::mt19937_64 random(seed_ + 1);
    std::ofstream file(log(), std::ios::app);
    while (!rotated) {
      for (int lines = std::uniform_int_distribution<int>(1, 20)(random); lines > 0; --lines) {
        file << text(written++) + "\n";
      }
      file << std::flush;
      std::this_thread::sleep_for(500us);
    }
    // The last ones are there to be read.
    file << text(written++) + "\n" << std::flush;
  };
  kill_while(work, [&] {
    const auto numbers = stored();
    return !numbers.empty() && numbers.back() + 1 == written;
  });
  const auto numbers = stored();
  // Where each copy, and what is left, begins: after a truncation.
  std::set<std::uint64_t> begins;
  for (const auto& entry : fs::directory_iterator(logs_.path())) {
    std::ifstream file(entry.path());
    if (std::string line; std::getline(file, line)) begins.insert(std::strtoull(line.c_str(), nullptr, 10));
  }
  std::uint64_t next = 0;
  for (const std::uint64_t number : numbers) {
    ASSERT_GE(number, next) << "stored twice, or out of order";
    if (number > next) {
      EXPECT_TRUE(begins.contains(number)) << "lines " << next << " to " << number << " are missing";
    }
    next = number + 1;
  }
  EXPECT_EQ(next, written);
  std::printf("%zu of %llu lines, %llu rotations\n", numbers.size(), static_cast<unsigned long long>(written),
              static_cast<unsigned long long>(rotations_ / 4));
}

// Each line that it read of its own log would be another line to log.
TEST_F(FileKillTest, TowldDoesNotReadItsOwnLogOrStore) {
  std::ofstream(folder_ / "towld.yaml") << "log: { level: debug }\ninputs:\n  - { type: file, include: [\""
                                        << (logs_ / "*").string() << "\", \"" << store().string() << "/**\"] }\n";
  std::ofstream(log()) << text(0) << '\n';
  const std::string command = std::string("exec ") + TOWLD_PROGRAM +
                              " --listen 127.0.0.1:0 --http 127.0.0.1:0 --store " + store().string() + " --config " +
                              (folder_ / "towld.yaml").string() + " 2>> " + (logs_ / "own.log").string();
  Process towld({"/bin/sh", "-c", command});
  const auto stored_one = [&] { return fs::exists(store() / "1.towl") && count_in_store() >= 1; };
  EXPECT_TRUE(eventually(stored_one));
  std::ofstream(log(), std::ios::app) << text(1) << '\n';
  EXPECT_TRUE(eventually([&] { return count_in_store() >= 2; }));
  towld.signal(SIGTERM);
  EXPECT_EQ(towld.wait(), 0);
  EXPECT_GT(fs::file_size(logs_ / "own.log"), 0u);
  EXPECT_THAT(stored(), testing::ElementsAre(0u, 1u));
}

}  // namespace
}  // namespace towl::test

// The file that takes entries is signed now and then, when it is closed, and when the collector stops.
#include "ingest/head_keeper.hpp"

#include <gtest/gtest.h>

#include "log/logger.hpp"
#include "support/stores.hpp"
#include "support/test_signer.hpp"
#include "towl/memory_file_layer.hpp"

namespace towld {
namespace {

using namespace std::chrono_literals;

class HeadKeeperTest : public testing::Test {
 protected:
  HeadKeeperTest() {
    auto started = Ingest::start({.path = "/store", .partition = {.max_entries = 100}}, log_,
                                 {.layer = &layer_, .signer = signer_});
    EXPECT_TRUE(started);
    ingest_ = std::move(*started);
  }

  void append(std::uint64_t first, std::uint64_t count) {
    std::atomic<bool> stored = false;
    ingest_->run([&, first, count](towl::StoreWriter& writer) {
      EXPECT_TRUE(writer.append(towl::test::views(towl::test::numbered_entries(first, count))));
      return [&] { stored = true; };
    });
    while (!stored) std::this_thread::sleep_for(1ms);
  }

  std::vector<std::uint64_t> counts(const char* path) {
    std::vector<std::uint64_t> found;
    const auto heads = towl::read_heads(path, &layer_);
    EXPECT_TRUE(heads) << heads.error().to_string();
    for (const auto& head : heads.value_or(std::vector<towl::SignedHead>())) found.push_back(head.count);
    return found;
  }

  void expect_proved(const char* path, std::uint64_t count) {
    const auto report = towl::check_heads(
        path, {.public_keys = {std::string(32, 'k')}, .check = towl::test::check_test_signature, .layer = &layer_});
    ASSERT_TRUE(report);
    EXPECT_TRUE(report->findings.empty()) << report->findings.front().what;
    EXPECT_EQ(report->proved, count);
  }

  towl::MemoryFileLayer layer_;
  std::shared_ptr<spdlog::logger> log_ = make_logger({.level = LogLevel::error});
  std::shared_ptr<towl::HeadSigner> signer_ =
      std::make_shared<towl::HeadSigner>(towl::test::test_signer(), towl::now, &layer_);
  std::unique_ptr<Ingest> ingest_;
};

TEST_F(HeadKeeperTest, TheOpenFileIsSignedAgainAndAgain) {
  HeadKeeper keeper(*ingest_, signer_, 5ms, log_);
  append(0, 10);
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (counts("/store/1.towl").empty() && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(2ms);
  EXPECT_FALSE(counts("/store/1.towl").empty());
  append(10, 20);
  keeper.stop();
  EXPECT_EQ(counts("/store/1.towl").back(), 30u);
  ASSERT_TRUE(ingest_->stop());
  expect_proved("/store/1.towl", 30);
}

TEST_F(HeadKeeperTest, AFileThatIsClosedIsSignedToItsEnd) {
  append(0, 100);
  append(100, 50);
  ASSERT_TRUE(ingest_->stop());
  EXPECT_EQ(counts("/store/1.towl"), std::vector<std::uint64_t>{100});
  expect_proved("/store/1.towl", 100);
  EXPECT_TRUE(counts("/store/2.towl").empty());
}

}  // namespace
}  // namespace towld

// SIGKILL of the collector at random moments under load: nothing acknowledged is lost, nothing is there twice.
#include <gtest/gtest.h>
#include <signal.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <thread>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

constexpr int kRounds = 50;
constexpr int kProducers = 3;

std::uint64_t seed_of_test() {
  const char* set = std::getenv("TOWL_TEST_SEED");
  return set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device{}();
}

/// Entry `number` of a producer: the text says both, so that the store tells what is there.
Entry produced(int producer, std::uint64_t number) {
  return {"p" + std::to_string(producer), static_cast<Timestamp>(number), LogFormat::text,
          std::to_string(number) + std::string(number % 50, '.')};
}

/// Sends batches with growing sequence until the stream breaks; remembers how many entries were acknowledged.
class Producer {
 public:
  explicit Producer(int id) : id_(id) {}

  void produce(towl::v1::Towl::Stub& stub, v1::Durability durability) {
    grpc::ClientContext context;
    const auto stream = stub.Append(&context);
    std::jthread sender([&] {
      for (std::uint64_t number = acknowledged_;; number += kBatch) {
        std::vector<Entry> entries;
        for (std::uint64_t i = 0; i < kBatch; ++i) entries.push_back(produced(id_, number + i));
        if (!stream->Write(make_request(entries, "", 0, durability))) return;
        sent_ = std::max(sent_, number + kBatch);
      }
    });
    for (v1::AppendResponse response; stream->Read(&response);) acknowledged_ += kBatch;
    sender.join();
    stream->Finish();
  }

  /// The store may have more than was acknowledged, never less. The next run goes on after it.
  void check(const std::vector<std::uint64_t>& stored) {
    ASSERT_GE(stored.size(), acknowledged_) << "producer " << id_ << " lost acknowledged entries";
    ASSERT_LE(stored.size(), sent_ + kBatch);
    for (std::uint64_t i = 0; i < stored.size(); ++i) ASSERT_EQ(stored[i], i) << "producer " << id_;
    // A batch may have been cut in its middle: it was not acknowledged, and format 1 knows no batches.
    acknowledged_ = stored.size();
  }

 private:
  static constexpr std::uint64_t kBatch = 7;
  int id_;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t sent_ = 0;
};

TEST(Kill, AtRandomMomentsLosesNothingAcknowledged) {
  const auto seed = seed_of_test();
  std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  SCOPED_TRACE("TOWL_TEST_SEED=" + std::to_string(seed));
  std::mt19937_64 random(seed);
  const TempFolder folder;
  const TempFolder config;
  std::ofstream(config / "towld.yaml") << "store: { partition: { max_entries: 5000 } }\n";
  std::vector<Producer> producers;
  for (int i = 0; i < kProducers; ++i) producers.emplace_back(i);
  const v1::Durability levels[] = {v1::DURABILITY_SYNCED, v1::DURABILITY_WRITTEN, v1::DURABILITY_INTERVAL};
  std::uint64_t entries = 0;
  for (int round = 0; round < kRounds; ++round) {
    SCOPED_TRACE("round " + std::to_string(round));
    {
      Collector collector(folder / "store", {"--config", config / "towld.yaml", "--log-level", "info"});
      ASSERT_FALSE(collector.address().empty());
      std::vector<std::jthread> threads;
      for (auto& producer : producers) {
        threads.emplace_back([&] { producer.produce(collector.stub(), levels[round % 3]); });
      }
      std::this_thread::sleep_for(std::chrono::microseconds(std::uniform_int_distribution<int>(0, 120'000)(random)));
      collector.process().signal(SIGKILL);
      EXPECT_EQ(collector.process().wait(), 128 + SIGKILL);
    }
    std::vector<std::vector<std::uint64_t>> stored(kProducers);
    const auto store = Store::open(folder / "store");
    ASSERT_TRUE(store) << store.error().to_string();
    const auto listing = store->list();
    ASSERT_TRUE(listing);
    ASSERT_TRUE(listing->unreadable.empty()) << listing->unreadable[0].error.to_string();
    entries = 0;
    for (const auto& file : listing->files) {
      auto reader = FileReader::open(file.path);
      ASSERT_TRUE(reader);
      for (const Entry& entry : read_all(*reader)) {
        const auto producer = static_cast<std::size_t>(entry.sender.at(1) - '0');
        stored.at(producer).push_back(static_cast<std::uint64_t>(entry.time()));
        ASSERT_EQ(as_sent(entry), produced(static_cast<int>(producer), static_cast<std::uint64_t>(entry.time())));
        ++entries;
      }
    }
    for (std::size_t i = 0; i < producers.size(); ++i) producers[i].check(stored[i]);
    if (HasFatalFailure()) return;
  }
  std::printf("%llu entries in the end\n", static_cast<unsigned long long>(entries));
  EXPECT_GT(entries, 0u);
}

}  // namespace
}  // namespace towl::test

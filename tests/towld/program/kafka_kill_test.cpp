// SIGKILL of the collector at random moments while it produces to Kafka: in the end each stored entry is in the topic once,
// for consumers that read what is committed.
#include <gtest/gtest.h>
#include <signal.h>

#include <fstream>
#include <random>
#include <set>
#include <thread>

#include "support/collector.hpp"
#include "support/kafka_reader.hpp"
#include "support/stores.hpp"
#include "support/test_servers.hpp"

namespace towl::test {
namespace {

constexpr int kRounds = 8;

void produce(towl::v1::Towl::Stub& stub, std::uint64_t& number) {
  grpc::ClientContext context;
  const auto stream = stub.Append(&context);
  std::jthread reader([&] {
    for (v1::AppendResponse response; stream->Read(&response);) {
    }
  });
  for (;;) {
    std::vector<Entry> entries;
    for (int i = 0; i < 20; ++i, ++number) entries.emplace_back("a", 1, LogFormat::text, "n " + std::to_string(number));
    if (!stream->Write(make_request(entries))) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  reader.join();
  stream->Finish();
}

TEST(KafkaKill, EachEntryIsInTheTopicOnce) {
  const auto server = KafkaServer::start();
  if (!server) GTEST_SKIP() << kNoServers;
  const char* set = std::getenv("TOWL_TEST_SEED");
  const auto seed = set != nullptr ? std::strtoull(set, nullptr, 10) : std::random_device{}();
  std::printf("TOWL_TEST_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const TempFolder folder;
  std::ofstream(folder / "towld.yaml")
      << "store: { partition: { max_entries: 3000 } }\noutputs:\n- { type: kafka, brokers: " << server->address()
      << ", topic: logs, format: raw, from: beginning }\n";
  const std::vector<std::string> flags = {"--config", folder / "towld.yaml"};
  std::uint64_t number = 0;
  for (int round = 0; round < kRounds; ++round) {
    Collector collector(folder / "store", flags);
    ASSERT_FALSE(collector.address().empty());
    const std::jthread producer([&] { produce(collector.stub(), number); });
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<int>(200, 4000)(random)));
    collector.process().signal(SIGKILL);
    EXPECT_EQ(collector.process().wait(), 128 + SIGKILL);
  }
  Collector collector(folder / "store", flags);
  std::multiset<std::string> stored;
  {
    const auto store = Store::open(folder / "store");
    ASSERT_TRUE(store);
    for (const Entry& entry : read_all(*store)) stored.insert(entry.log_entry);
  }
  const auto records = read_topic(server->address(), "logs", stored.size(), std::chrono::seconds(120));
  EXPECT_EQ(collector.stop(), 0);
  std::multiset<std::string> read;
  std::set<std::string> entries;
  for (const auto& record : records) {
    read.insert(record.value);
    EXPECT_TRUE(entries.insert(record.headers.at("towl-entry")).second) << record.headers.at("towl-entry");
  }
  std::printf("%zu entries, %zu in the topic\n", stored.size(), read.size());
  EXPECT_GT(stored.size(), 5'000U);
  EXPECT_TRUE(stored == read);
}

}  // namespace
}  // namespace towl::test

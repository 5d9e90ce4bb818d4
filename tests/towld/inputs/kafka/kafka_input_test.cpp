// Records of Kafka become entries once, no matter what dies or who has their partitions. Against a real broker.
#include <gmock/gmock.h>
#include <librdkafka/rdkafka.h>

#include <array>
#include <set>

#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"
#include "inputs/kafka/kafka_input.hpp"
#include "support/test_servers.hpp"
#include "towld/inputs/input_support.hpp"

namespace towld {

extern const InputType kKafkaInput;

namespace {

using testing::HasSubstr;

using towl::test::eventually;
using towl::test::KafkaServer;

class KafkaInputTest : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = KafkaServer::start(); }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << towl::test::kNoServers;
    topic_ = "in-" + std::to_string(++topics_);
  }

  /// Records FIRST to FIRST + COUNT, over both partitions; with `commit`, else aborted.
  void produce(std::uint64_t first, std::uint64_t count, bool commit = true) {
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    char why[512];
    rd_kafka_conf_set(conf, "bootstrap.servers", server_->address().c_str(), why, sizeof why);
    rd_kafka_conf_set(conf, "transactional.id", "producer", why, sizeof why);
    rd_kafka_conf_set(conf, "log_level", "0", why, sizeof why);
    rd_kafka_t* kafka = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof why);
    const KafkaError started(rd_kafka_init_transactions(kafka, 60'000));
    ASSERT_FALSE(started) << rd_kafka_error_string(started.get());
    const KafkaError begun(rd_kafka_begin_transaction(kafka));
    for (std::uint64_t i = first; i < first + count; ++i) {
      const std::string text = towl::test::numbered_text(i);
      std::array<rd_kafka_vu_t, 4> parts{};
      parts[0].vtype = RD_KAFKA_VTYPE_TOPIC;
      parts[0].u.cstr = topic_.c_str();
      parts[1].vtype = RD_KAFKA_VTYPE_PARTITION;
      parts[1].u.i32 = static_cast<std::int32_t>(i % 2);
      parts[2].vtype = RD_KAFKA_VTYPE_VALUE;
      parts[2].u.mem = {const_cast<char*>(text.data()), text.size()};
      parts[3].vtype = RD_KAFKA_VTYPE_MSGFLAGS;
      parts[3].u.i = RD_KAFKA_MSG_F_COPY;
      const KafkaError failed(rd_kafka_produceva(kafka, parts.data(), parts.size()));
      EXPECT_FALSE(failed) << rd_kafka_error_string(failed.get());
    }
    rd_kafka_flush(kafka, 30'000);
    const KafkaError ended(commit ? rd_kafka_commit_transaction(kafka, 30'000)
                                  : rd_kafka_abort_transaction(kafka, 30'000));
    EXPECT_FALSE(ended) << rd_kafka_error_string(ended.get());
    rd_kafka_destroy(kafka);
  }

  std::unique_ptr<KafkaInput> start(test::MemoryStore& store) {
    KafkaInputConfig config;
    config.cluster.brokers = {server_->address()};
    config.group = "group-" + topic_;
    config.topics = {topic_};
    const auto positions = store.ingest().positions();
    auto input = KafkaInput::start(config, store.context("kafka"), positions);
    EXPECT_TRUE(input) << input.error().to_string();
    return std::move(*input);
  }

  static bool stored(test::MemoryStore& store, std::uint64_t count) {
    return eventually([&] { return store.counters().stored >= count; }, std::chrono::seconds(60));
  }

  static std::unique_ptr<KafkaServer> server_;
  static int topics_;
  std::string topic_;
};

std::unique_ptr<KafkaServer> KafkaInputTest::server_;
int KafkaInputTest::topics_ = 0;

std::multiset<std::string> numbered(std::uint64_t count) {
  std::multiset<std::string> texts;
  for (std::uint64_t i = 0; i < count; ++i) texts.insert(towl::test::numbered_text(i));
  return texts;
}

std::multiset<std::string> texts_of(std::initializer_list<test::MemoryStore*> stores) {
  std::multiset<std::string> texts;
  for (test::MemoryStore* store : stores) {
    for (auto& text : store->texts()) texts.insert(std::move(text));
  }
  return texts;
}

TEST(KafkaInputConfigTest, ReadingAheadHasALeastAndAMost) {
  const auto read = [](const std::string& bytes) {
    YamlContext context{"test.yaml", {}};
    YamlMap map(YAML::Load("{ brokers: 'a:1', topics: [t], plaintext: true, read_ahead_bytes: " + bytes + " }"), "",
                context);
    const Settings settings = kKafkaInput.read(map);
    return context.error ? context.error->message : std::to_string(settings.as<KafkaInputConfig>().read_ahead_bytes);
  };
  EXPECT_EQ(read("2MiB"), "2097152");
  EXPECT_THAT(read("1023KiB"), HasSubstr("must be 1MiB to 1GiB"));
  EXPECT_THAT(read("2GiB"), HasSubstr("must be 1MiB to 1GiB"));
}

TEST_F(KafkaInputTest, CommittedRecordsAreStoredOnceOverRestarts) {
  test::MemoryStore store;
  produce(0, 3000);
  produce(900'000, 500, false);
  {
    const auto input = start(store);
    ASSERT_TRUE(stored(store, 3000)) << *input->status().error;
  }
  produce(3000, 2000);
  store.restart();
  {
    const auto input = start(store);
    ASSERT_TRUE(stored(store, 2000));
  }
  EXPECT_TRUE(texts_of({&store}) == numbered(5000));
}

// The process dies: the group knows less than the store does.
TEST_F(KafkaInputTest, TheStoresPositionsGoBeforeTheGroups) {
  test::MemoryStore store;
  produce(0, 2000);
  {
    const auto input = start(store);
    ASSERT_TRUE(stored(store, 2000));
  }
  // As if it had died before it committed: the group's offsets are back at the beginning.
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  rd_kafka_conf_set(conf, "bootstrap.servers", server_->address().c_str(), why, sizeof why);
  rd_kafka_conf_set(conf, "group.id", ("group-" + topic_).c_str(), why, sizeof why);
  const Kafka other(rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why));
  const KafkaPartitions list(rd_kafka_topic_partition_list_new(2));
  for (int i = 0; i < 2; ++i) rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), i)->offset = 5;
  EXPECT_EQ(rd_kafka_commit(other.get(), list.get(), 0), RD_KAFKA_RESP_ERR_NO_ERROR);
  produce(2000, 100);
  store.restart();
  const auto input = start(store);
  ASSERT_TRUE(stored(store, 100));
  input->stop();
  EXPECT_TRUE(texts_of({&store}) == numbered(2100));
}

TEST_F(KafkaInputTest, BetweenTwoCollectorsNothingIsLostOrDoubled) {
  test::MemoryStore one;
  test::MemoryStore two;
  produce(0, 2000);
  auto first = start(one);
  ASSERT_TRUE(stored(one, 500));
  auto second = start(two);
  for (std::uint64_t i = 0; i < 10; ++i) produce(2000 + i * 500, 500);
  ASSERT_TRUE(
      eventually([&] { return one.counters().stored + two.counters().stored >= 7000; }, std::chrono::seconds(60)));
  ASSERT_TRUE(eventually([&] { return two.counters().stored > 0; })) << "it got no partition";
  first->stop();
  produce(7000, 1000);
  ASSERT_TRUE(
      eventually([&] { return one.counters().stored + two.counters().stored >= 8000; }, std::chrono::seconds(90)));
  // The first one comes back, with positions that the group is beyond of.
  first.reset();
  second->stop();
  second.reset();
  produce(8000, 500);
  first = start(one);
  ASSERT_TRUE(
      eventually([&] { return one.counters().stored + two.counters().stored >= 8500; }, std::chrono::seconds(90)));
  first->stop();
  EXPECT_TRUE(texts_of({&one, &two}) == numbered(8500));
}

TEST_F(KafkaInputTest, ABrokerThatIsKilledIsWaitedFor) {
  test::MemoryStore store;
  produce(0, 1000);
  const auto input = start(store);
  ASSERT_TRUE(stored(store, 1000));
  server_->kill();
  EXPECT_TRUE(eventually([&] { return !input->status().error->empty(); }, std::chrono::seconds(60)));
  server_->run_again();
  produce(1000, 1000);
  ASSERT_TRUE(stored(store, 2000));
  input->stop();
  EXPECT_TRUE(texts_of({&store}) == numbered(2000));
}

}  // namespace
}  // namespace towld

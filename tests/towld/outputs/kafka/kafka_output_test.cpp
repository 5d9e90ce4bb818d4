// Entries go to Kafka once, for consumers that read what is committed, no matter what dies. Against a real broker.
#include <gmock/gmock.h>

#include <future>

#include "inputs/http/proto_reader.hpp"
#include "outputs/output_type.hpp"
#include "support/kafka_reader.hpp"
#include "support/test_servers.hpp"
#include "towl/query/address.hpp"
#include "towld/inputs/input_support.hpp"
#include "towld/outputs/read_settings.hpp"

namespace towld {

extern const OutputType kKafkaOutput;

namespace {

using testing::HasSubstr;
using towl::test::eventually;
using towl::test::KafkaServer;
using towl::test::read_topic;

class KafkaOutput : public testing::Test {
 protected:
  static void SetUpTestSuite() { server_ = KafkaServer::start(); }
  static void TearDownTestSuite() { server_.reset(); }
  void SetUp() override {
    if (!server_) GTEST_SKIP() << towl::test::kNoServers;
    topic_ = "topic-" + std::to_string(++topics_);
  }

  void store_numbered(std::uint64_t first, std::uint64_t count) {
    store_.store(towl::test::numbered_entries(first, count));
  }

  std::unique_ptr<Output> start(const std::string& more = "", const std::string& brokers = "",
                                const std::string& format = "raw") {
    return test::start_output(kKafkaOutput,
                              "{ type: kafka, brokers: '" + (brokers.empty() ? server_->address() : brokers) +
                                  "', topic: " + topic_ + ", format: " + format + ", from: beginning" + more + " }",
                              {.name = "kafka",
                               .ingest = &store_.ingest(),
                               .log = test::MemoryStore::log(),
                               .cursor_folder = folder_ / "cursors"});
  }

  /// Entries 0 to `count` are in the topic, each once, and those of a key in order.
  void expect_all(std::uint64_t count) {
    const auto records = read_topic(server_->address(), topic_, count);
    ASSERT_EQ(records.size(), count);
    std::map<std::string, std::uint64_t> places;
    std::map<std::string, std::uint64_t> last;
    for (const auto& record : records) {
      EXPECT_TRUE(places.emplace(record.value, 1).second) << record.value << " is there twice";
      const std::string& entry = record.headers.at("towl-entry");
      const auto number = std::stoull(record.value.substr(6));
      EXPECT_EQ(record.key, "host-" + std::to_string(number % 3));
      EXPECT_THAT(entry, testing::EndsWith("/" + std::to_string(number % 1000)));
      const auto before = last.find(record.key);
      if (before != last.end()) {
        EXPECT_LT(before->second, number);
      }
      last[record.key] = number;
    }
    for (std::uint64_t i = 0; i < count; ++i) EXPECT_TRUE(places.contains(towl::test::numbered_text(i))) << i;
  }

  static std::unique_ptr<KafkaServer> server_;
  static int topics_;
  std::string topic_;
  towl::test::TempFolder folder_;
  test::MemoryStore store_{{.max_entries = 1000}};
};

std::unique_ptr<KafkaServer> KafkaOutput::server_;
int KafkaOutput::topics_ = 0;

TEST_F(KafkaOutput, EachEntryIsThereOnceAndTheClusterKnowsHowFar) {
  store_numbered(0, 2500);
  auto output = start();
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2500; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  output.reset();
  // What this machine knows is gone: the cluster says where to go on.
  std::filesystem::remove_all(folder_ / "cursors");
  store_numbered(2500, 1200);
  output = start();
  ASSERT_TRUE(eventually([&] { return output->status().entries == 1200; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  expect_all(3700);
}

TEST_F(KafkaOutput, WithoutTransactionsTheCursorSaysHowFar) {
  store_numbered(0, 1500);
  auto output = start(", transactional: false, compression: none");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 1500; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  store_numbered(1500, 100);
  output = start(", transactional: false, compression: none");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 100; }, std::chrono::seconds(60)));
  output->stop();
  expect_all(1600);
}

TEST_F(KafkaOutput, ABrokerThatIsKilledIsWaitedFor) {
  store_numbered(0, 500);
  const auto output = start();
  ASSERT_TRUE(eventually([&] { return output->status().entries == 500; }, std::chrono::seconds(60)))
      << output->status().error;
  server_->kill();
  store_numbered(500, 3000);
  EXPECT_TRUE(eventually([&] { return output->status().failures > 0; }, std::chrono::seconds(60)));
  EXPECT_FALSE(output->status().connected);
  server_->run_again();
  ASSERT_TRUE(eventually([&] { return output->status().backlog_entries == 0 && output->status().connected; },
                         std::chrono::seconds(120)))
      << output->status().error;
  output->stop();
  expect_all(3500);
}

/// What of an OTLP message this test looks at.
struct OtlpRecord {
  std::string host;
  std::string body;
  std::string uid;
};

/// The bytes of the only field `field` of a message; "" if there is none.
std::string_view only(std::string_view message, int field) {
  std::string_view found;
  ProtoReader reader(message);
  while (reader.next()) {
    if (reader.field() == field) {
      found = reader.bytes();
    } else {
      reader.skip();
    }
  }
  EXPECT_TRUE(reader.ok());
  return found;
}

template <class Take>
void each(std::string_view message, int field, Take take) {
  ProtoReader reader(message);
  while (reader.next()) {
    if (reader.field() == field) {
      take(reader.bytes());
    } else {
      reader.skip();
    }
  }
  EXPECT_TRUE(reader.ok());
}

std::vector<OtlpRecord> otlp_records(std::string_view request) {
  std::vector<OtlpRecord> records;
  each(request, 1, [&](std::string_view resource) {
    const std::string_view host = only(only(only(only(resource, 1), 1), 2), 1);
    each(only(resource, 2), 2, [&](std::string_view record) {
      records.push_back(
          {std::string(host), std::string(only(only(record, 5), 1)), std::string(only(only(only(record, 6), 2), 1))});
    });
  });
  return records;
}

TEST_F(KafkaOutput, EntriesOfAKeyAreOneOtlpMessage) {
  store_numbered(0, 2500);
  auto output = start("", "", "otlp");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2500; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  output.reset();
  // What this machine knows is gone: the cluster says where to go on, also after a batch of several keys.
  std::filesystem::remove_all(folder_ / "cursors");
  store_numbered(2500, 500);
  output = start("", "", "otlp");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 500; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  std::map<std::string, std::uint64_t> places;
  std::map<std::string, std::uint64_t> last;
  const auto messages = read_topic(server_->address(), topic_, 3000, std::chrono::seconds(10));
  EXPECT_LT(messages.size(), 300u);
  for (const auto& message : messages) {
    const auto records = otlp_records(message.value);
    ASSERT_FALSE(records.empty());
    EXPECT_EQ(message.headers.at("towl-entry"), records.front().uid);
    for (const auto& record : records) {
      EXPECT_TRUE(places.emplace(record.body, 1).second) << record.body << " is there twice";
      EXPECT_EQ(record.host, message.key);
      const auto number = std::stoull(record.body.substr(6));
      EXPECT_THAT(record.uid, testing::EndsWith("/" + std::to_string(number % 1000)));
      const auto before = last.find(record.host);
      if (before != last.end()) {
        EXPECT_LT(before->second, number);
      }
      last[record.host] = number;
    }
  }
  EXPECT_EQ(places.size(), 3000u);
}

TEST_F(KafkaOutput, AnOtlpMessageIsNoLargerThanItMayBe) {
  store_numbered(0, 2000);
  const auto output = start(", key: '{level}', max_message_bytes: 10KiB, compression: none", "", "otlp");
  ASSERT_TRUE(eventually([&] { return output->status().entries == 2000; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  EXPECT_EQ(output->status().refused, 0u);
  std::size_t records = 0;
  for (const auto& message : read_topic(server_->address(), topic_, 3000, std::chrono::seconds(10))) {
    EXPECT_LE(message.value.size(), 10u * 1024);
    records += otlp_records(message.value).size();
  }
  EXPECT_EQ(records, 2000u);
}

TEST_F(KafkaOutput, AnEntryThatIsTooLargeIsPassedOver) {
  store_numbered(0, 10);
  auto owner = std::make_shared<std::vector<towl::Entry>>(towl::test::numbered_entries(10, 1));
  owner->front().log_entry = std::string(20'000, 'x');
  std::promise<void> stored;
  Batch batch;
  batch.entries = towl::test::views(*owner);
  batch.owner = owner;
  batch.done = [&](const auto&) { stored.set_value(); };
  store_.ingest().submit(std::move(batch));
  stored.get_future().wait();
  const auto output = start(", max_message_bytes: 10KiB");
  EXPECT_TRUE(eventually([&] { return output->status().refused == 1; }, std::chrono::seconds(60)))
      << output->status().error;
  output->stop();
  expect_all(10);
}

TEST_F(KafkaOutput, AClusterThatIsNotThereHoldsUpNothing) {
  store_numbered(0, 10);
  const auto output = start("", "127.0.0.1:1");
  EXPECT_TRUE(eventually([&] { return output->status().failures > 0; }));
  EXPECT_THAT(output->status().error, HasSubstr("kafka"));
  store_numbered(10, 10);
  output->stop();
}

TEST_F(KafkaOutput, AConfigurationThatCannotWorkIsRefused) {
  const auto wrong = [](const std::string& yaml) {
    const auto settings = test::read_settings(kKafkaOutput, yaml);
    return settings ? std::string("it is taken") : settings.error().message;
  };
  EXPECT_THAT(wrong("{ type: kafka, topic: a }"), HasSubstr("name at least one broker"));
  EXPECT_THAT(wrong("{ type: kafka, brokers: 'http://a', topic: a }"), HasSubstr("HOST:PORT"));
  EXPECT_THAT(wrong("{ type: kafka, brokers: 'a:1' }"), HasSubstr("is missing"));
  EXPECT_THAT(wrong("{ type: kafka, brokers: 'a:1', topic: 'a-{sender}' }"), HasSubstr("cursor_topic"));
  EXPECT_THAT(wrong("{ type: kafka, brokers: 'a:1', topic: a, acks: 1 }"), HasSubstr("acks: all"));
  EXPECT_THAT(wrong("{ type: kafka, brokers: 'a:1', topic: a, sasl: { user: u, password_file: p } }"),
              HasSubstr("could be read on the way"));
  EXPECT_EQ(wrong("{ type: kafka, brokers: ['a:1', 'b:2'], topic: a }"), "it is taken");
}

}  // namespace
}  // namespace towld

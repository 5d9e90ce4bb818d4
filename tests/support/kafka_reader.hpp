// Reads topics of a Kafka cluster from their beginning, as a consumer that reads what is committed.
#pragma once

#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace towl::test {

struct KafkaRecord {
  std::string key;
  std::string value;
  std::map<std::string, std::string> headers;
  int partition = 0;
};

/// Reads until there are `count` records, or for `patience`; then a moment longer, for any that should not be there.
inline std::vector<KafkaRecord> read_topic(const std::string& brokers, const std::string& topic, std::size_t count,
                                           std::chrono::milliseconds patience = std::chrono::seconds(60)) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char why[512];
  const auto set = [&](const char* name, const std::string& value) {
    EXPECT_EQ(rd_kafka_conf_set(conf, name, value.c_str(), why, sizeof why), RD_KAFKA_CONF_OK) << why;
  };
  set("bootstrap.servers", brokers);
  set("group.id", "reader");
  set("isolation.level", "read_committed");
  set("auto.offset.reset", "earliest");
  set("enable.auto.commit", "false");
  set("log_level", "0");
  rd_kafka_t* kafka = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why, sizeof why);
  rd_kafka_poll_set_consumer(kafka);
  rd_kafka_topic_partition_list_t* partitions = rd_kafka_topic_partition_list_new(2);
  for (int partition = 0; partition < 2; ++partition) {
    rd_kafka_topic_partition_list_add(partitions, topic.c_str(), partition)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(kafka, partitions);
  rd_kafka_topic_partition_list_destroy(partitions);
  std::vector<KafkaRecord> records;
  auto end = std::chrono::steady_clock::now() + patience;
  bool complete = false;
  while (std::chrono::steady_clock::now() < end) {
    rd_kafka_message_t* message = rd_kafka_consumer_poll(kafka, 100);
    if (message == nullptr) continue;
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) {
      KafkaRecord& record = records.emplace_back();
      record.key.assign(static_cast<const char*>(message->key), message->key_len);
      record.value.assign(static_cast<const char*>(message->payload), message->len);
      record.partition = message->partition;
      rd_kafka_headers_t* headers = nullptr;
      if (rd_kafka_message_headers(message, &headers) == RD_KAFKA_RESP_ERR_NO_ERROR) {
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        for (std::size_t i = 0; rd_kafka_header_get_all(headers, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
             ++i) {
          record.headers[name].assign(static_cast<const char*>(value), size);
        }
      }
    }
    rd_kafka_message_destroy(message);
    if (records.size() >= count && !complete) {
      complete = true;
      end = std::chrono::steady_clock::now() + std::chrono::milliseconds(1500);
    }
  }
  rd_kafka_consumer_close(kafka);
  rd_kafka_destroy(kafka);
  return records;
}

}  // namespace towl::test

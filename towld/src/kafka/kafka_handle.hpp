// librdkafka's objects, owned; and its errors as values. Apart from the code that uses them, nothing names its types.
#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>

#include "towl/result.hpp"

namespace towld {

struct KafkaFree {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
  void operator()(rd_kafka_t* kafka) const { rd_kafka_destroy(kafka); }
  void operator()(rd_kafka_topic_partition_list_t* list) const { rd_kafka_topic_partition_list_destroy(list); }
  void operator()(rd_kafka_consumer_group_metadata_t* group) const { rd_kafka_consumer_group_metadata_destroy(group); }
  void operator()(rd_kafka_error_t* error) const { rd_kafka_error_destroy(error); }
  void operator()(rd_kafka_message_t* message) const { rd_kafka_message_destroy(message); }
};

using KafkaConf = std::unique_ptr<rd_kafka_conf_t, KafkaFree>;
using Kafka = std::unique_ptr<rd_kafka_t, KafkaFree>;
using KafkaPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t, KafkaFree>;
using KafkaGroup = std::unique_ptr<rd_kafka_consumer_group_metadata_t, KafkaFree>;
using KafkaError = std::unique_ptr<rd_kafka_error_t, KafkaFree>;
using KafkaMessage = std::unique_ptr<rd_kafka_message_t, KafkaFree>;

/// Errors: invalid_argument, with what librdkafka says.
inline towl::Result<void> set(KafkaConf& conf, const char* name, const std::string& value) {
  char why[512] = "";
  if (rd_kafka_conf_set(conf.get(), name, value.c_str(), why, sizeof why) == RD_KAFKA_CONF_OK) return {};
  return towl::fail(towl::ErrorCode::invalid_argument, std::string("kafka: ") + why);
}

/// Of `conf`, which is taken. Errors: invalid_argument.
inline towl::Result<Kafka> make_kafka(rd_kafka_type_t type, KafkaConf conf) {
  char why[512] = "";
  Kafka kafka(rd_kafka_new(type, conf.get(), why, sizeof why));
  if (!kafka) return towl::fail(towl::ErrorCode::invalid_argument, std::string("kafka: ") + why);
  static_cast<void>(conf.release());
  return kafka;
}

}  // namespace towld

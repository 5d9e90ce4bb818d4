// KafkaOutputConfig is what can be set about an output of type `kafka`. The keys are listed in README.md.
#pragma once

#include <cstdint>
#include <string>

#include "config/read_from.hpp"
#include "kafka/kafka_config.hpp"
#include "outputs/output_format.hpp"

namespace towld {

struct KafkaOutputConfig {
  KafkaConfig cluster = {};
  std::string topic = {};        ///< A template.
  std::string key = "{sender}";  ///< A template: entries of the same key stay in order.
  OutputFormat format = OutputFormat::json;
  std::string compression = "zstd";
  std::string acks = "all";
  bool idempotence = true;
  bool transactional = true;
  std::string transactional_id = {};  ///< Empty: made of the store's identity and the output's name.
  std::string cursor_topic = {};      ///< In whose name the cursor is committed; empty: `topic`.
  std::uint64_t max_message_bytes = 1'000'000;
  ReadFrom from = ReadFrom::end;

  friend bool operator==(const KafkaOutputConfig&, const KafkaOutputConfig&) = default;
};

}  // namespace towld

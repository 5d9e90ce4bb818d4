// KafkaOutputConfig is what can be set about an output of type `kafka`. The keys are listed in README.md.
#pragma once

#include <cstdint>
#include <string>

#include "config/read_from.hpp"
#include "kafka/kafka_config.hpp"

namespace towld {

/// What a message is.
enum class KafkaFormat {
  json,  ///< An entry, as `towlctl cat -o json` prints it.
  raw,   ///< An entry's text.
  otlp,  ///< Entries of one topic and key, as an ExportLogsServiceRequest: see OtlpBatch.
};

struct KafkaOutputConfig {
  KafkaConfig cluster = {};
  std::string topic = {};        ///< A template.
  std::string key = "{sender}";  ///< A template: entries of the same key stay in order.
  KafkaFormat format = KafkaFormat::json;
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

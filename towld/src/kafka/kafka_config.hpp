// KafkaConfig is what inputs and outputs of type `kafka` say about a cluster: where it is, whom to trust, who we are.
// The keys are listed in README.md.
#pragma once

#include <string>
#include <vector>

#include "config/yaml_map.hpp"
#include "kafka/kafka_handle.hpp"
#include "towl/result.hpp"

namespace towld {

struct KafkaConfig {
  std::vector<std::string> brokers = {};  ///< HOST:PORT.
  bool tls = false;
  // PEM files.
  std::string ca = {};
  std::string cert = {};
  std::string key = {};
  bool skip_verify = false;
  std::string mechanism = {};  ///< SASL: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512; empty: none.
  std::string user = {};
  std::string password_file = {};
  bool plaintext = false;  ///< A password may travel in the clear.

  friend bool operator==(const KafkaConfig&, const KafkaConfig&) = default;
};

/// Reads the keys that both have.
void read_kafka(YamlMap& map, KafkaConfig& config);

/// librdkafka's configuration for this cluster; secrets are read from their files now. Errors: those of reading.
towl::Result<KafkaConf> make_conf(const KafkaConfig& config);

}  // namespace towld

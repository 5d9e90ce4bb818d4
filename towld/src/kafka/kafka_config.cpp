#include "kafka/kafka_config.hpp"

#include <algorithm>

#include "access/private_file.hpp"
#include "config/names.hpp"
#include "towl/web/http_client.hpp"

namespace towld {
namespace {

constexpr Names<const char*, 3> kMechanisms = {
    {{"plain", "PLAIN"}, {"scram-sha-256", "SCRAM-SHA-256"}, {"scram-sha-512", "SCRAM-SHA-512"}}};

void check(YamlMap& map, const KafkaConfig& config) {
  if (config.brokers.empty()) return map.complain("brokers", "name at least one broker, e.g. kafka-1:9092");
  for (const std::string& broker : config.brokers) {
    if (broker.rfind(':') == std::string::npos || broker.find_first_of("/ ,") != std::string::npos) {
      map.complain("brokers", "\"" + broker + "\" must be HOST:PORT, e.g. kafka-1:9092");
    }
  }
  if (config.cert.empty() != config.key.empty()) map.complain("tls", "cert and key belong together");
  if (config.mechanism.empty()) return;
  if (config.user.empty() || config.password_file.empty()) {
    map.complain("sasl", "needs user and password_file");
  }
  const bool is_here = std::all_of(config.brokers.begin(), config.brokers.end(), [](const std::string& broker) {
    return towl::web::is_this_host("http://" + broker);
  });
  if (!config.tls && !is_here && !config.plaintext) {
    map.complain("sasl", "a password could be read on the way: set tls, or say plaintext: true");
  }
}

}  // namespace

void read_kafka(YamlMap& map, KafkaConfig& config) {
  map.texts("brokers", config.brokers);
  map.map("tls", [&](YamlMap& inner) {
    config.tls = true;
    inner.text("ca", config.ca);
    inner.text("cert", config.cert);
    inner.text("key", config.key);
    inner.choice("insecure_skip_verify", kYesOrNo, config.skip_verify);
  });
  map.map("sasl", [&](YamlMap& inner) {
    const char* mechanism = "SCRAM-SHA-512";
    inner.choice("mechanism", kMechanisms, mechanism);
    config.mechanism = mechanism;
    inner.text("user", config.user);
    inner.text("password_file", config.password_file);
  });
  map.choice("plaintext", kYesOrNo, config.plaintext);
  check(map, config);
}

towl::Result<KafkaConf> make_conf(const KafkaConfig& config) {
  KafkaConf conf(rd_kafka_conf_new());
  std::string brokers;
  for (const std::string& broker : config.brokers) brokers += (brokers.empty() ? "" : ",") + broker;
  const bool has_sasl = !config.mechanism.empty();
  const std::string protocol =
      config.tls ? (has_sasl ? "sasl_ssl" : "ssl") : (has_sasl ? "sasl_plaintext" : "plaintext");
  std::string password;
  if (has_sasl) {
    auto read = read_secret_file(config.password_file);
    if (!read) return towl::fail(std::move(read.error()));
    password = std::move(*read);
  }
  const std::pair<const char*, std::string> values[] = {
      {"bootstrap.servers", brokers},
      {"security.protocol", protocol},
      {"client.id", "towld"},
      {"ssl.ca.location", config.ca},
      {"ssl.certificate.location", config.cert},
      {"ssl.key.location", config.key},
      {"enable.ssl.certificate.verification", config.skip_verify ? "false" : "true"},
      {"sasl.mechanism", config.mechanism},
      {"sasl.username", config.user},
      {"sasl.password", password},
  };
  for (const auto& [name, value] : values) {
    if (value.empty()) continue;
    if (auto good = set(conf, name, value); !good) return towl::fail(std::move(good.error()));
  }
  return conf;
}

}  // namespace towld

// The row of inputs of type `kafka`.
#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"
#include "inputs/kafka/kafka_input.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  KafkaInputConfig config;
  read_kafka(map, config.cluster);
  map.text("group", config.group);
  map.texts("topics", config.topics);
  map.choice("read_from", kReadFrom, config.read_from);
  map.bytes("read_ahead_bytes", config.read_ahead_bytes);
  if (config.read_ahead_bytes < kLeastKafkaReadAheadBytes || config.read_ahead_bytes > kMostKafkaReadAheadBytes) {
    map.complain("read_ahead_bytes", "must be 1MiB to 1GiB");
  }
  if (config.topics.empty()) {
    map.complain("topics", "name at least one, e.g. { type: kafka, brokers: kafka-1:9092, topics: [logs] }");
  }
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context, const InputServices&) {
  const auto positions = context.ingest->positions();
  return as_input(KafkaInput::start(settings.as<KafkaInputConfig>(), std::move(context), positions));
}

towl::Result<void> check(const Settings& settings) {
  auto conf = make_conf(settings.as<KafkaInputConfig>().cluster);
  return conf ? towl::Result<void>{} : towl::fail(std::move(conf.error()));
}

}  // namespace

extern const InputType kKafkaInput = {
    .name = "kafka", .read = read, .start = start, .check = check, .keeps_positions = true};

}  // namespace towld

// The row of outputs of type `kafka`.
#include "config/names.hpp"
#include "outputs/entry_template.hpp"
#include "outputs/following_output.hpp"
#include "outputs/kafka/kafka_sink.hpp"
#include "outputs/output_type.hpp"

namespace towld {
namespace {

constexpr Names<KafkaFormat, 3> kFormats = {
    {{"json", KafkaFormat::json}, {"raw", KafkaFormat::raw}, {"otlp", KafkaFormat::otlp}}};
constexpr Names<const char*, 5> kCompressions = {
    {{"none", "none"}, {"gzip", "gzip"}, {"snappy", "snappy"}, {"lz4", "lz4"}, {"zstd", "zstd"}}};
constexpr Names<const char*, 3> kAcks = {{{"all", "all"}, {"1", "1"}, {"0", "0"}}};

Settings read(YamlMap& map) {
  KafkaOutputConfig config;
  read_kafka(map, config.cluster);
  map.text("topic", config.topic);
  map.text("key", config.key);
  map.choice("format", kFormats, config.format);
  const char* compression = "zstd";
  const char* acks = "all";
  map.choice("compression", kCompressions, compression);
  map.choice("acks", kAcks, acks);
  config.compression = compression;
  config.acks = acks;
  map.choice("idempotence", kYesOrNo, config.idempotence);
  map.choice("transactional", kYesOrNo, config.transactional);
  map.text("transactional_id", config.transactional_id);
  map.text("cursor_topic", config.cursor_topic);
  std::size_t max_bytes = config.max_message_bytes;
  map.bytes("max_message_bytes", max_bytes);
  config.max_message_bytes = max_bytes;
  map.choice("from", kReadFrom, config.from);
  if (config.topic.empty())
    map.complain("topic", "is missing, e.g. { type: kafka, brokers: kafka-1:9092, topic: logs }");
  const auto topic = EntryTemplate::parse(config.topic);
  if (!topic) map.complain("topic", topic.error().message);
  if (const auto key = EntryTemplate::parse(config.key); !key) map.complain("key", key.error().message);
  if (config.transactional && (!config.idempotence || config.acks != "all")) {
    map.complain("transactional", "needs acks: all and idempotence: true");
  }
  if (!config.transactional && config.idempotence && config.acks != "all") {
    map.complain("idempotence", "needs acks: all");
  }
  if (config.cursor_topic.empty() && topic) {
    config.cursor_topic = config.topic;
    if (config.transactional && !topic->is_constant()) {
      map.complain("cursor_topic", "name a topic that is there, for the cursor: `topic` is another one for each entry");
    }
  }
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<KafkaOutputConfig>();
  // What is wrong with the files is told now.
  if (auto good = make_conf(config.cluster); !good) return towl::fail(std::move(good.error()));
  auto sink = std::make_unique<KafkaSink>(
      config, context.name, [ingest = context.ingest] { return ingest->state().get().identity; }, context.log);
  return FollowingOutput::start(std::move(context), config.from, std::move(sink));
}

}  // namespace

extern const OutputType kKafkaOutput = {.name = "kafka", .read = read, .start = start};

}  // namespace towld

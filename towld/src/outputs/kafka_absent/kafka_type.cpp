// The row of outputs of type `kafka` in a towld that was built without librdkafka: says how to get it.
#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  map.complain("type", "this towld was built without Kafka: install librdkafka-dev, configure and build it again");
  return {};
}

towl::Result<std::unique_ptr<Output>> start(const Settings&, OutputContext) {
  return towl::fail(towl::ErrorCode::invalid_argument, "built without Kafka");
}

}  // namespace

extern const OutputType kKafkaOutput = {.name = "kafka", .read = read, .start = start};

}  // namespace towld

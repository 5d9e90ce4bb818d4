// The row of inputs of type `kafka` in a towld that was built without librdkafka: says how to get it.
#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  map.complain("type", "this towld was built without Kafka: install librdkafka-dev, configure and build it again");
  return {};
}

towl::Result<std::unique_ptr<Input>> start(const Settings&, InputContext, const InputServices&) {
  return towl::fail(towl::ErrorCode::invalid_argument, "built without Kafka");
}

}  // namespace

extern const InputType kKafkaInput = {.name = "kafka", .read = read, .start = start};

}  // namespace towld

// The rows of type `kafka`, whose module is kafka_module.cpp.
#include "modules/loaded_types.hpp"

namespace towld {
namespace {

constexpr LoadedType kKafka = {"kafka", "libtowld_kafka.so", "speaks Kafka", "librdkafka-dev"};

}  // namespace

extern const InputType kKafkaInput = [] {
  InputType type = loaded_input<kKafka>();
  type.keeps_positions = true;
  return type;
}();
extern const OutputType kKafkaOutput = loaded_output<kKafka>();

}  // namespace towld

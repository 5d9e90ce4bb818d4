// Inputs and outputs of type kafka, as a module: its face.
#include <array>

#include "modules/module_rows.hpp"
#include "towl/version.hpp"

namespace towld {

extern const InputType kKafkaInput;
extern const OutputType kKafkaOutput;

}  // namespace towld

extern "C" __attribute__((visibility("default"))) const char* towl_module_version() { return towl::kVersion; }

extern "C" __attribute__((visibility("default"))) void towld_module_rows(towld::ModuleRows& rows) {
  static constexpr std::array kInputs = {&towld::kKafkaInput};
  static constexpr std::array kOutputs = {&towld::kKafkaOutput};
  rows = {.inputs = kInputs, .outputs = kOutputs};
}

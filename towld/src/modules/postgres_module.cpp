// Outputs of type postgres, as a module: its face.
#include <array>

#include "modules/module_rows.hpp"
#include "towl/version.hpp"

namespace towld {

extern const OutputType kPostgresOutput;

}  // namespace towld

extern "C" __attribute__((visibility("default"))) const char* towl_module_version() { return towl::kVersion; }

extern "C" __attribute__((visibility("default"))) void towld_module_rows(towld::ModuleRows& rows) {
  static constexpr std::array kOutputs = {&towld::kPostgresOutput};
  rows = {.outputs = kOutputs};
}

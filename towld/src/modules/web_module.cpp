// Outputs that are clients over HTTP, as a module: its face. Labels of pods come from it as well: see
// inputs/kubernetes/watch/pod_sources.cpp; and what brings Parquet to object stores: outputs/s3/parquet_objects.cpp.
#include <array>

#include "modules/module_rows.hpp"
#include "towl/version.hpp"

namespace towld {

extern const OutputType kHttpOutput;
extern const OutputType kElasticsearchOutput;
extern const OutputType kLokiOutput;
extern const OutputType kS3Output;

}  // namespace towld

extern "C" __attribute__((visibility("default"))) const char* towl_module_version() { return towl::kVersion; }

extern "C" __attribute__((visibility("default"))) void towld_module_rows(towld::ModuleRows& rows) {
  static constexpr std::array kOutputs = {&towld::kHttpOutput, &towld::kElasticsearchOutput, &towld::kLokiOutput,
                                          &towld::kS3Output};
  rows = {.outputs = kOutputs};
}

#include "config/output_config.hpp"

#include "config/read_parts.hpp"

namespace towld {

void read_outputs(YamlMap& document, const PartTypes& types, std::vector<OutputConfig>& outputs) {
  read_parts(document, "outputs", "output", types.outputs, outputs, [](YamlMap&, OutputConfig&) {});
}

}  // namespace towld

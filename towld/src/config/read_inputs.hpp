// read_inputs reads the list under `inputs`.
#pragma once

#include <vector>

#include "config/input_config.hpp"
#include "config/yaml_map.hpp"

namespace towld {

/// Appends to `inputs`: each file of the configuration adds its own.
void read_inputs(YamlMap& document, std::vector<InputConfig>& inputs);

void read_tls(YamlMap& map, TlsConfig& tls);

}  // namespace towld

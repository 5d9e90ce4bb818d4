// The settings of an output, from its YAML: as the configuration's reader does it, for one type alone.
#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"

namespace towld::test {

inline towl::Result<Settings> read_settings(const OutputType& type, const std::string& yaml) {
  YamlContext context{"test.yaml", {}};
  YamlMap map(YAML::Load(yaml), "", context);
  map.scalar("type");
  Settings settings = type.read(map);
  map.finish();
  if (context.error) return towl::fail(*context.error);
  return settings;
}

}  // namespace towld::test

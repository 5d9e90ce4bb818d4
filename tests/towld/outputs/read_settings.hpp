// Reads the settings of an output from its YAML, as the configuration's reader does, for one type only.
#pragma once

#include <gtest/gtest.h>
#include <yaml-cpp/yaml.h>

#include <memory>
#include <string>
#include <utility>

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

/// Starts an output of these settings; nullptr, and a failure of the test, if it does not start.
inline std::unique_ptr<Output> start_output(const OutputType& type, const std::string& yaml, OutputContext context) {
  const auto settings = read_settings(type, yaml);
  EXPECT_TRUE(settings) << settings.error().to_string();
  if (!settings) return nullptr;
  auto output = type.start(*settings, std::move(context));
  EXPECT_TRUE(output) << output.error().to_string();
  return output ? std::move(*output) : nullptr;
}

}  // namespace towld::test

// Types of inputs and outputs that are in modules: what links libraries that most collectors have no use for. Their rows
// in the tables load the module once a configuration names the type.
#pragma once

#include <string_view>

#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"
#include "outputs/output_type.hpp"
#include "towl/result.hpp"

namespace towld {

/// A type, and the module that has its row.
struct LoadedType {
  std::string_view name;   ///< As `type` has it.
  std::string_view file;   ///< The module's.
  std::string_view what;   ///< What it does, after "what": "speaks Kafka".
  std::string_view needs;  ///< The library that the module is built with.
};

/// The module's own row. Loads the module if that was not done yet. Errors: those of towl::modules::load_symbol().
towl::Result<const InputType*> load_input(const LoadedType& type);
towl::Result<const OutputType*> load_output(const LoadedType& type);

/// For `read`: what the row reads, or a complaint about the type if there is no row.
template <class Row>
Settings read_loaded(const towl::Result<const Row*>& row, YamlMap& map) {
  if (row) return (*row)->read(map);
  map.complain("type", row.error().message);
  return {};
}

template <const LoadedType& kType>
constexpr InputType loaded_input() {
  return {.name = kType.name,
          .read = [](YamlMap& map) { return read_loaded(load_input(kType), map); },
          .start = [](const Settings& settings, InputContext context,
                      const InputServices& services) -> towl::Result<std::unique_ptr<Input>> {
            const auto row = load_input(kType);
            if (!row) return tl::unexpected(row.error());
            return (*row)->start(settings, std::move(context), services);
          },
          .check = [](const Settings& settings) -> towl::Result<void> {
            const auto row = load_input(kType);
            if (!row) return tl::unexpected(row.error());
            return (*row)->check == nullptr ? towl::Result<void>() : (*row)->check(settings);
          }};
}

template <const LoadedType& kType>
constexpr OutputType loaded_output() {
  return {.name = kType.name,
          .read = [](YamlMap& map) { return read_loaded(load_output(kType), map); },
          .start = [](const Settings& settings, OutputContext context) -> towl::Result<std::unique_ptr<Output>> {
            const auto row = load_output(kType);
            if (!row) return tl::unexpected(row.error());
            return (*row)->start(settings, std::move(context));
          },
          .target = [](const Settings& settings) -> std::string {
            const auto row = load_output(kType);
            return row && (*row)->target != nullptr ? (*row)->target(settings) : "";
          }};
}

}  // namespace towld

// read_config reads a configuration file; print_config writes one. The keys are listed in README.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "config/config.hpp"
#include "config/expand.hpp"
#include "config/part_type.hpp"
#include "towl/result.hpp"

namespace towld {

/// Reads `file` and, if there is a folder `conf.d` next to it, the `*.yaml` in there in the order of their names:
/// a later file's keys replace an earlier one's. What no file sets is as in `base`. `types` are those that it may name.
/// Errors: not_found, permission_denied, io; invalid_argument with "FILE:LINE" as the file.
towl::Result<Config> read_config(const std::filesystem::path& file, const PartTypes& types, const Config& base = {},
                                 const Environment& environment = process_environment);

/// Reads one document; `name` stands for it in errors. `config` gets what it sets.
towl::Result<void> read_document(std::string_view yaml, const std::string& name, const Environment& environment,
                                 const PartTypes& types, Config& config);

/// The configuration as YAML that read_config() reads back.
std::string print_config(const Config& config);

}  // namespace towld

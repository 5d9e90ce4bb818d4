// Finds and loads the rpc room, for commands that talk to a collector.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "collector/collector.hpp"
#include "collector/connection.hpp"

namespace towlctl {

/// Where the module may be, for a program in `folder`: beside it, as in a build tree, or in the library folder of the
/// same installation.
std::vector<std::filesystem::path> rpc_module_paths(const std::filesystem::path& folder);

/// Opens a collector with the module, which is loaded at the first call and stays so. Errors:
/// open_secure_collector()'s; not_found where there is none, io where it cannot be loaded, unsupported_version where it
/// is another version's; each with what to do.
towl::Result<std::unique_ptr<Collector>> open_with_rpc_module(const std::string& server, const Connection& connection);

}  // namespace towlctl

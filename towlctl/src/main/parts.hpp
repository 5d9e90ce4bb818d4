// Finds the rooms that are separate files: the module rpc, for commands that talk to a collector, and the program ui.
#pragma once

#include <memory>
#include <string>

#include "collector/collector.hpp"
#include "collector/connection.hpp"
#include "ui/program.hpp"

namespace towlctl {

/// Opens a collector with the module, which is loaded at the first call and stays loaded. Errors: those of
/// open_secure_collector(); not_found if there is no module, io if it cannot be loaded, unsupported_version if it
/// has another version; each with what to do.
towl::Result<std::unique_ptr<Collector>> open_with_rpc_module(const std::string& server, const Connection& connection);

/// RunUi: this process becomes the program; returns only with an error. Errors: not_found if there is no program, io if
/// it cannot be run, each with what to do.
towl::Result<int> become_ui_program(const UiOptions& options);

}  // namespace towlctl

// The ui room as a program, towlctl-ui: towlctl becomes it for the command ui only. It contains the collector's HTTP
// server and page, with their libraries, which no other command should have to load.
//
// Both programs are built together: one of another version is refused.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "towl/result.hpp"

namespace towlctl {

struct UiOptions {
  std::filesystem::path store;
  std::string listen = "127.0.0.1:0";
  bool quiet = false;
};

/// Its arguments: towl::kVersion, the store, the address, "quiet" or "".
inline constexpr const char* kUiProgram = "towlctl-ui";

/// Shows the page over a mirror until a signal says to stop; returns the exit code. Errors: invalid_argument for an address
/// that other hosts can reach or that is taken; not_found for a store that does not exist.
using RunUi = std::function<towl::Result<int>(const UiOptions& options)>;

}  // namespace towlctl

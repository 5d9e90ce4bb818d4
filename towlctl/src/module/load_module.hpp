// load_module loads a part of towlctl that few commands need, and that takes long to start.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towlctl {

/// The loader's handle. Never closed: threads may live in a module until the process ends.
using Module = void*;

/// What to do where a module is missing, or another version's.
inline constexpr const char* kInstallAgain = "install towlctl again, as a whole (cmake --install, or its package)";

/// Where the module `file` may be, for a program in `folder`: beside it, as in a build tree, or in the library folder of
/// the same installation.
std::vector<std::filesystem::path> module_paths(const std::filesystem::path& folder, const std::string& file);

/// Where the file of a part of towlctl is; `what` says what the part does, after "what". Errors: not_found, with what to
/// do.
towl::Result<std::filesystem::path> find_part(const std::string& file, const std::string& what);

/// Loads it, at the first call; `what` as in find_part(). Errors: not_found, io, each with what to do.
towl::Result<Module> load_module(const std::string& file, const std::string& what);

/// The function of that name, or nullptr.
void* symbol_in(Module module, const char* name);

template <class Function>
Function function_in(Module module, const char* name) {
  return reinterpret_cast<Function>(symbol_in(module, name));  // As POSIX has it for functions.
}

}  // namespace towlctl

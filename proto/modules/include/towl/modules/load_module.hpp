// Parts of a program in files of their own, which are loaded when they are needed: parts that take long to start, or
// that link libraries that most users do not need.
//
// A module is built together with its program and shares headers with it: a module of another version is refused.
// Threads: any.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towl::modules {

struct Part {
  std::string file;        ///< The name of its file, e.g. "libtowlctl_rpc.so".
  std::string what;        ///< What it does, after "what": "talks to collectors".
  std::string needs = {};  ///< The library that it is built with, if a program may be built without it; "": none.
};

/// The name of a function that every module has, in addition to its own: `const char* ()`; returns towl::kVersion.
inline constexpr const char* kVersionSymbol = "towl_module_version";

/// Where the file of a part may be, for a program in `folder`: next to it, as in a build tree, or in the library folder
/// of the same installation.
std::vector<std::filesystem::path> part_paths(const std::filesystem::path& folder, const std::string& file);

/// Where the file of a part of this program is. Errors: not_found, with what to do.
Result<std::filesystem::path> find_part(const Part& part);

/// Loads a module, if that was not done yet, and returns its function of that name, never nullptr. It stays loaded until
/// the process ends: its threads may still run. Errors: not_found, io, unsupported_version, each with what to do.
Result<void*> load_symbol(const Part& part, const char* symbol);

template <class Function>
Result<Function> load_function(const Part& part, const char* symbol) {
  const auto found = load_symbol(part, symbol);
  if (!found) return tl::unexpected(found.error());
  return reinterpret_cast<Function>(*found);  // As POSIX defines it for functions.
}

}  // namespace towl::modules

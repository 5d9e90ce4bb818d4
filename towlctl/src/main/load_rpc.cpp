#include "main/load_rpc.hpp"

#include <dlfcn.h>

#include <string_view>

#include "rpc/module.hpp"
#include "towl/version.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInstallAgain = "install towlctl again, as a whole (cmake --install, or its package)";

/// The loader's handle. Never closed: gRPC's threads live in it until the process ends.
using Module = void*;

towl::Result<Module> load(const fs::path& path) {
  void* module = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module != nullptr) return module;
  const char* why = dlerror();
  return towl::fail(towl::ErrorCode::io, std::string("cannot load what talks to collectors: ") +
                                             (why != nullptr ? why : "no reason given") +
                                             ": install the libraries it needs, or " + kInstallAgain);
}

towl::Result<Module> find_module() {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const auto paths = rpc_module_paths(program.parent_path());
  for (const fs::path& path : paths) {
    if (fs::exists(path, error)) return load(path);
  }
  return towl::fail(towl::ErrorCode::not_found, "what talks to collectors is not installed: no " +
                                                    paths.front().string() + " and no " + paths.back().string() + ": " +
                                                    kInstallAgain);
}

template <class Function>
Function function_in(Module module, const char* name) {
  return reinterpret_cast<Function>(dlsym(module, name));  // As POSIX has it for functions.
}

}  // namespace

std::vector<fs::path> rpc_module_paths(const fs::path& folder) {
  return {folder / kRpcModuleFile, (folder / TOWLCTL_MODULE_FOLDER / kRpcModuleFile).lexically_normal()};
}

towl::Result<std::unique_ptr<Collector>> open_with_rpc_module(const std::string& server, const Connection& connection) {
  const auto module = find_module();
  if (!module) return tl::unexpected(module.error());
  const auto version = function_in<RpcModuleVersion>(*module, kRpcVersionSymbol);
  const auto open = function_in<OpenRpcModule>(*module, kRpcOpenSymbol);
  if (version == nullptr || open == nullptr || std::string_view(version()) != towl::kVersion) {
    return towl::fail(towl::ErrorCode::unsupported_version,
                      std::string(kRpcModuleFile) + " is not the one of this towlctl: " + kInstallAgain);
  }
  towl::Result<std::unique_ptr<Collector>> collector;
  open(server, connection, collector);
  return collector;
}

}  // namespace towlctl

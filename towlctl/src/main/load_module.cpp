#include "main/load_module.hpp"

#include <dlfcn.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "rpc/module.hpp"
#include "towl/version.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;

constexpr const char* kInstallAgain = "install towlctl again, as a whole (cmake --install, or its package)";

/// The loader's handle. Never closed: gRPC's threads live in it until the process ends.
using Module = void*;

towl::Result<fs::path> find_part(const char* file, const char* what) {
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error);
  const auto paths = module_paths(program.parent_path(), file);
  for (const fs::path& path : paths) {
    if (fs::exists(path, error)) return path;
  }
  return towl::fail(towl::ErrorCode::not_found, std::string(what) + " is not installed: no " + paths.front().string() +
                                                    " and no " + paths.back().string() + ": " + kInstallAgain);
}

towl::Result<Module> load_module() {
  const auto path = find_part(kRpcModuleFile, "what talks to collectors");
  if (!path) return tl::unexpected(path.error());
  void* module = dlopen(path->c_str(), RTLD_LAZY | RTLD_LOCAL);
  if (module != nullptr) return module;
  const char* why = dlerror();
  return towl::fail(towl::ErrorCode::io, std::string("cannot load what talks to collectors: ") +
                                             (why != nullptr ? why : "no reason given") +
                                             ": install the libraries it needs, or " + kInstallAgain);
}

template <class Function>
Function function_in(Module module, const char* name) {
  return reinterpret_cast<Function>(dlsym(module, name));  // As POSIX has it for functions.
}

}  // namespace

std::vector<fs::path> module_paths(const fs::path& folder, const char* file) {
  return {folder / file, (folder / TOWLCTL_MODULE_FOLDER / file).lexically_normal()};
}

towl::Result<std::unique_ptr<Collector>> open_with_rpc_module(const std::string& server, const Connection& connection) {
  const auto module = load_module();
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

towl::Result<int> become_ui_program(const UiOptions& options) {
  const auto program = find_part(kUiProgram, "what shows the page");
  if (!program) return tl::unexpected(program.error());
  std::string path = program->string();
  std::string version(towl::kVersion);
  std::string store = options.store.string();
  std::string listen = options.listen;
  std::string quiet = options.quiet ? "quiet" : "";
  std::array<char*, 6> arguments = {path.data(), version.data(), store.data(), listen.data(), quiet.data(), nullptr};
  execv(path.c_str(), arguments.data());
  return towl::fail(towl::error_from_errno(errno, "cannot run what shows the page", path));
}

}  // namespace towlctl

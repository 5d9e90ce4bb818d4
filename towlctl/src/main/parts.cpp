#include "main/parts.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>

#include "module/load_module.hpp"
#include "rpc/module.hpp"
#include "towl/version.hpp"

namespace towlctl {

towl::Result<std::unique_ptr<Collector>> open_with_rpc_module(const std::string& server, const Connection& connection) {
  const auto module = load_module(kRpcModuleFile, "talks to collectors");
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
  const auto program = find_part(kUiProgram, "shows the page");
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

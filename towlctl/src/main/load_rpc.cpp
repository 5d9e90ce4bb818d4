#include "main/load_rpc.hpp"

#include <string_view>

#include "module/load_module.hpp"
#include "rpc/module.hpp"
#include "towl/version.hpp"

namespace towlctl {

std::vector<std::filesystem::path> rpc_module_paths(const std::filesystem::path& folder) {
  return module_paths(folder, kRpcModuleFile);
}

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

}  // namespace towlctl

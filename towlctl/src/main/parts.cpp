#include "main/parts.hpp"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "rpc/module.hpp"
#include "towl/modules/load_module.hpp"
#include "towl/version.hpp"

namespace towlctl {

towl::Result<std::unique_ptr<Collector>> open_with_rpc_module(const std::string& server, const Connection& connection) {
  const auto open = towl::modules::load_function<OpenRpcModule>({.file = kRpcModuleFile, .what = "talks to collectors"},
                                                                kRpcOpenSymbol);
  if (!open) return tl::unexpected(open.error());
  towl::Result<std::unique_ptr<Collector>> collector;
  (*open)(server, connection, collector);
  return collector;
}

towl::Result<int> become_ui_program(const UiOptions& options) {
  const auto program = towl::modules::find_part({.file = kUiProgram, .what = "shows the page"});
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

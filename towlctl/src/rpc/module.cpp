// The exports of the rpc room as a module that is loaded: see rpc/module.hpp.
#include "rpc/module.hpp"

#include "rpc/open_collector.hpp"
#include "towl/version.hpp"

extern "C" __attribute__((visibility("default"))) const char* towl_module_version() { return towl::kVersion; }

extern "C" __attribute__((visibility("default"))) void towlctl_rpc_open(
    const std::string& server, const towlctl::Connection& connection,
    towl::Result<std::unique_ptr<towlctl::Collector>>& collector) {
  collector = towlctl::open_secure_collector(server, connection);
}

// The rpc room as a module: libtowlctl_rpc.so, which towlctl loads once a command talks to a collector. gRPC and what
// comes with it are 50 shared libraries, and more than half of the time that a program takes to start.
//
// Both sides are built together and share plain structs, so a module of another version is refused.
#pragma once

#include <memory>
#include <string>

#include "collector/collector.hpp"
#include "collector/connection.hpp"

namespace towlctl {

inline constexpr const char* kRpcModuleFile = "libtowlctl_rpc.so";

/// Names in the module: an RpcModuleVersion, which tells towl::kVersion, and an OpenRpcModule.
inline constexpr const char* kRpcVersionSymbol = "towlctl_rpc_version";
inline constexpr const char* kRpcOpenSymbol = "towlctl_rpc_open";

using RpcModuleVersion = const char* (*)();
/// open_secure_collector() with its result as an argument: what C linkage cannot return.
using OpenRpcModule = void (*)(const std::string& server, const Connection& connection,
                               towl::Result<std::unique_ptr<Collector>>& collector);

}  // namespace towlctl

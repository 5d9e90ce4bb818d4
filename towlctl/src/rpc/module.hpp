// The rpc room as a module: libtowlctl_rpc.so, which towlctl loads once a command talks to a collector. gRPC and its
// dependencies are 50 shared libraries, and take more than half of the time that a program takes to start.
#pragma once

#include <memory>
#include <string>

#include "collector/collector.hpp"
#include "collector/connection.hpp"

namespace towlctl {

inline constexpr const char* kRpcModuleFile = "libtowlctl_rpc.so";

/// The name of an OpenRpcModule in it.
inline constexpr const char* kRpcOpenSymbol = "towlctl_rpc_open";

/// open_secure_collector() with its result as an argument, because C linkage cannot return it.
using OpenRpcModule = void (*)(const std::string& server, const Connection& connection,
                               towl::Result<std::unique_ptr<Collector>>& collector);

}  // namespace towlctl

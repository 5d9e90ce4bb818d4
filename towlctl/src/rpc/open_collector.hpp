// The rpc room's door: the one function that other programs and libraries see of it.
#pragma once

#include <memory>
#include <string>

#include "collector/collector.hpp"

namespace towlctl {

/// The OpenCollector of gRPC. Always succeeds: connect() finds out whether anybody is there.
towl::Result<std::unique_ptr<Collector>> open_rpc_collector(const std::string& server);

}  // namespace towlctl

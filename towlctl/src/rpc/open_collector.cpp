#include "rpc/open_collector.hpp"

#include "rpc/rpc_collector.hpp"

namespace towlctl {

towl::Result<std::unique_ptr<Collector>> open_rpc_collector(const std::string& server) {
  return std::make_unique<RpcCollector>(server);
}

}  // namespace towlctl

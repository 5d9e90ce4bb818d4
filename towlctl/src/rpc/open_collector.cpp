#include "rpc/open_collector.hpp"

#include <utility>

#include "rpc/complete_connection.hpp"
#include "rpc/rpc_collector.hpp"
#include "towl/v1/channel_security.hpp"

namespace towlctl {

towl::Result<std::unique_ptr<Collector>> open_secure_collector(const std::string& server, Connection connection) {
  const std::string address = with_port(server);
  auto complete = complete_connection(address, std::move(connection));
  if (!complete) return tl::unexpected(complete.error());
  auto security = towl::rpc::read_security(address, {.ca = complete->ca,
                                                     .cert = complete->cert,
                                                     .key = complete->key,
                                                     .server_name = complete->server_name,
                                                     .skip_verify = complete->skip_verify,
                                                     .plaintext = complete->plaintext,
                                                     .token = complete->token});
  if (!security) return tl::unexpected(security.error());
  return std::make_unique<RpcCollector>(address, std::move(*security));
}

}  // namespace towlctl

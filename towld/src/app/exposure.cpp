#include "app/exposure.hpp"

#include "rpc/server.hpp"

namespace towld {

std::vector<std::string> open_addresses(const Config& config) {
  std::vector<std::string> open;
  for (const std::string& address : {config.listen.grpc, config.listen.http}) {
    if (address != kNoAddress && !is_loopback(address)) open.push_back(address);
  }
  for (const InputConfig& input : config.inputs) {
    const std::string& listen = input.syslog.listen;
    const auto scheme = listen.find("://");
    // Sockets of systemd are the administrator's; with `client_ca` clients show who they are.
    if (input.type != InputType::syslog || scheme == std::string::npos) continue;
    const bool has_login = listen.starts_with("tls") && input.syslog.tls && !input.syslog.tls->client_ca.empty();
    if (!has_login && !is_loopback(listen.substr(scheme + 3))) open.push_back(listen);
  }
  return open;
}

towl::Result<void> check_exposure(const Config& config, bool insecure) {
  const auto open = open_addresses(config);
  if (insecure || open.empty()) return {};
  return towl::fail(towl::ErrorCode::permission_denied,
                    "refusing to listen on " + open.front() +
                        ": other machines could use it without a login; use a loopback address with a tunnel in front, "
                        "or --insecure");
}

}  // namespace towld

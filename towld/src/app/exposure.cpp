#include "app/exposure.hpp"

#include "app/part_tables.hpp"
#include "rpc/server.hpp"

namespace towld {

std::vector<std::string> open_addresses(const Config& config) {
  std::vector<std::string> open;
  for (const std::string& address : {config.listen.grpc, config.listen.http}) {
    if (address != kNoAddress && !is_loopback(address)) open.push_back(address);
  }
  for (const InputConfig& input : config.inputs) {
    const InputType* type = find_type(input_types(), input.type);
    if (type == nullptr || type->open_address == nullptr) continue;
    const std::string address = type->open_address(input.settings);
    const auto scheme = address.find("://");
    const bool loopback = is_loopback(scheme == std::string::npos ? address : address.substr(scheme + 3));
    if (!address.empty() && !loopback) open.push_back(address);
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

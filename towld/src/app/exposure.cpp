#include "app/exposure.hpp"

#include <algorithm>

#include "access/token_file.hpp"
#include "app/doors.hpp"
#include "app/part_tables.hpp"
#include "rpc/server.hpp"

namespace towld {
namespace {

/// Whether there is a file of tokens with any in it; a file without one is an error, no matter who listens where.
towl::Result<bool> has_tokens(const Config& config) {
  const auto file = tokens_file_of(config);
  const auto tokens = read_token_records(file);
  if (!tokens) {
    if (tokens.error().code == towl::ErrorCode::not_found && config.auth.tokens_file.empty()) return false;
    return towl::fail(tokens.error());
  }
  if (!tokens->empty()) return true;
  return towl::fail(towl::ErrorCode::invalid_argument,
                    "there is no token in it: make one (towld token create), or remove the file", file.string());
}

/// What a door that others reach lacks; "" for nothing.
std::string lacks(const Config& config, bool tokens) {
  if (config.listen.tls && tokens) return "";
  if (config.listen.tls) return "tokens (towld token create)";
  return tokens ? "TLS (listen.tls): tokens must not travel in the clear" : "TLS (listen.tls) and tokens";
}

}  // namespace

towl::Result<std::vector<OpenDoor>> open_doors(const Config& config) {
  const auto tokens = has_tokens(config);
  if (!tokens) return towl::fail(tokens.error());
  std::vector<OpenDoor> open;
  for (const std::string& address : {config.listen.grpc, config.listen.http}) {
    if (address == kNoAddress || is_loopback(address)) continue;
    if (std::string what = lacks(config, *tokens); !what.empty()) open.push_back({address, std::move(what)});
  }
  for (const InputConfig& input : config.inputs) {
    const InputType* type = find_type(input_types(), input.type);
    if (type == nullptr || type->open_address == nullptr) continue;
    const std::string address = type->open_address(input.settings);
    const auto scheme = address.find("://");
    const bool loopback = is_loopback(scheme == std::string::npos ? address : address.substr(scheme + 3));
    if (address.empty() || loopback) continue;
    open.push_back({address, address.starts_with("tls") ? "tls.client_ca, or allow: [NETWORK, ...]"
                                                        : "allow: [NETWORK, ...], or tls:// with client_ca"});
  }
  return open;
}

towl::Result<void> check_outputs(const Config& config) {
  const auto split = [](const std::string& address) {
    const auto colon = address.rfind(':');
    return std::pair(address.substr(0, colon), colon == std::string::npos ? "50011" : address.substr(colon + 1));
  };
  const auto [own_host, own_port] = split(config.listen.grpc);
  const auto names = own_host_names();
  const auto is_here = [&](const std::string& host) {
    return is_loopback(host + ":0") || std::find(names.begin(), names.end(), host) != names.end();
  };
  const bool everywhere = own_host == "0.0.0.0" || own_host == "[::]";
  for (const OutputConfig& output : config.outputs) {
    const OutputType* type = find_type(output_types(), output.type);
    if (type == nullptr || type->targets == nullptr || config.listen.grpc == kNoAddress || own_port == "0") continue;
    for (const std::string& target : type->targets(output.settings)) {
      const auto [host, port] = split(target);
      if (port != own_port || (host != own_host && !(is_here(host) && (everywhere || is_here(own_host))))) continue;
      return towl::fail(towl::ErrorCode::invalid_argument, "output " + output.name + ": " + target +
                                                               " is this collector itself: its entries would go round");
    }
  }
  return {};
}

towl::Result<void> check_exposure(const Config& config) {
  const auto open = open_doors(config);
  if (!open) return towl::fail(open.error());
  if (config.insecure || open->empty()) return {};
  return towl::fail(towl::ErrorCode::permission_denied,
                    "refusing to listen on " + open->front().address + ": other machines can reach it, and it lacks " +
                        open->front().lacks +
                        "; towld init --collector sets up certificates and tokens; else use a loopback address, or "
                        "--insecure");
}

}  // namespace towld

#include "app/exposure.hpp"

#include "access/token_file.hpp"
#include "app/part_tables.hpp"
#include "rpc/server.hpp"

namespace towld {
namespace {

/// Whether there is a file of tokens with any in it; a file without one is an error, whoever listens where.
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

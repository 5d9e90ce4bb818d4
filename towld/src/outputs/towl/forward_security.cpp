#include "outputs/towl/forward_security.hpp"

#include <cstdlib>
#include <utility>

#include "access/token.hpp"

namespace towld {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

towl::Result<std::string> token_of(const ForwardConfig& config) {
  if (!config.token_file.empty()) return read_token_file(config.token_file);
  if (std::string token = environment("TOWL_TOKEN"); !token.empty()) return token;
  const std::string file = environment("TOWL_TOKEN_FILE");
  return file.empty() ? std::string() : read_token_file(file);
}

}  // namespace

towl::Result<towl::rpc::ChannelSecurity> read_security(const ForwardConfig& config, const std::string& remote) {
  auto token = token_of(config);
  if (!token) return towl::fail(std::move(token.error()));
  return towl::rpc::read_security(remote, {.ca = config.ca,
                                           .cert = config.cert,
                                           .key = config.key,
                                           .server_name = config.server_name,
                                           .skip_verify = config.skip_verify,
                                           .plaintext = config.plaintext,
                                           .token = std::move(*token)});
}

}  // namespace towld

// towld init: a collector with certificates and tokens, the agents that send to it, and the people who read from it.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towld {

/// `argv[0]` is "init". Returns the exit code.
int run_init_command(int argc, const char* const* argv);

struct InitCollectorOptions {
  std::filesystem::path folder;  ///< For towld.yaml and the CA.
  std::filesystem::path store;   ///< The store's; certificates and tokens are in it, where the collector may read.
  std::vector<std::string> names = {};  ///< More names and addresses of this host.
};

/// Makes what is not there yet: CA, tokens, configuration. A server's certificate is made again. Prints what to type on
/// other hosts. Errors: those of writing; invalid_argument for names.
towl::Result<void> init_collector(const InitCollectorOptions& options);

struct InitClientOptions {
  std::filesystem::path folder;  ///< For agent.yaml, CA and token; of a client, for the last two.
  std::filesystem::path store;   ///< The agent's.
  std::string server;            ///< HOST:PORT, or a URL.
  std::string ca_sha256;
  bool is_agent = true;
};

/// Gets the CA, reads the token ($TOWL_TOKEN, $TOWL_TOKEN_FILE, else standard input), and writes both with mode 0600;
/// an agent also gets its configuration, if there is none. Errors: those of fetch_ca() and writing;
/// invalid_argument.
towl::Result<void> init_client(const InitClientOptions& options);

/// "host" and "port" of HOST, HOST:PORT, [HOST]:PORT, with or without https:// before it. Errors: invalid_argument.
struct ServerAddress {
  std::string host;  ///< Without brackets.
  std::string port;

  std::string text() const;  ///< HOST:PORT as gRPC takes it.
};
towl::Result<ServerAddress> parse_server(std::string text);

/// Makes the folder and those it is in. Errors: io, permission_denied.
towl::Result<void> make_folder(const std::filesystem::path& folder);

}  // namespace towld

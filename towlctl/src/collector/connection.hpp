// How to connect to a collector, from the command line and the environment. Shared with the rpc module: plain data.
#pragma once

#include <string>

namespace towlctl {

/// Paths and names; empty if not given.
struct Connection {
  std::string ca = {};
  std::string cert = {};
  std::string key = {};
  std::string server_name = {};
  std::string token = {};  ///< Only from the environment: arguments can be seen by every user of the machine.
  std::string token_file = {};
  bool skip_verify = false;
  bool plaintext = false;
};

}  // namespace towlctl

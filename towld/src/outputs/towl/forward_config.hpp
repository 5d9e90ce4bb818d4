// ForwardConfig is what can be set about an output of type `towl`.
#pragma once

#include <string>
#include <vector>

namespace towld {

struct ForwardConfig {
  std::vector<std::string> remotes = {};  ///< HOST:PORT, in the order in which they are tried.
  // PEM files: see towl/v1/channel_security.hpp.
  std::string ca = {};
  std::string cert = {};
  std::string key = {};
  std::string server_name = {};
  bool skip_verify = false;
  bool plaintext = false;
  std::string token_file = {};  ///< Empty: $TOWL_TOKEN, else $TOWL_TOKEN_FILE.

  friend bool operator==(const ForwardConfig&, const ForwardConfig&) = default;
};

}  // namespace towld

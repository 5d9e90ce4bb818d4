// WebConfig is what can be set about every output that speaks HTTP. The keys are listed in README.md.
#pragma once

#include <map>
#include <string>

#include "config/read_from.hpp"
#include "config/yaml_map.hpp"
#include "towl/result.hpp"
#include "towl/web/http_client.hpp"

namespace towld {

struct WebConfig {
  std::string url = {};  ///< http:// or https://, without what the protocol adds.
  // PEM files.
  std::string ca = {};
  std::string cert = {};
  std::string key = {};
  bool skip_verify = false;
  bool plaintext = false;       ///< What proves who we are may travel in the clear.
  std::string token_file = {};  ///< Sent as `Authorization: Bearer …`, or with `token_scheme`.
  std::string token_scheme = "Bearer";
  std::string user = {};
  std::string password_file = {};
  std::map<std::string, std::string> headers = {};
  bool gzip = false;
  ReadFrom from = ReadFrom::end;

  friend bool operator==(const WebConfig&, const WebConfig&) = default;
};

/// Reads the keys that all these outputs have. `example` is a whole configuration, for users who left out `url`.
void read_web(YamlMap& map, const char* example, WebConfig& config);

/// What of it is in files, as it is now.
struct WebIdentity {
  towl::web::ClientSecurity security = {};
  std::string authorization = {};  ///< The header's value; empty: none.
};

/// Errors: those of reading; invalid_argument: no word in the file.
towl::Result<WebIdentity> read_identity(const WebConfig& config);

}  // namespace towld

// TlsConfig names the certificates of a listener.
#pragma once

#include <string>

namespace towld {

class YamlMap;

struct TlsConfig {
  std::string cert = {};  ///< PEM files.
  std::string key = {};
  std::string client_ca = {};  ///< Clients must show a certificate that it signed.

  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

/// Complains if one of cert and key is missing.
void read_tls(YamlMap& map, TlsConfig& tls);

}  // namespace towld

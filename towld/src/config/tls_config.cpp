#include "config/tls_config.hpp"

#include "config/yaml_map.hpp"

namespace towld {

void read_tls(YamlMap& map, TlsConfig& tls) {
  map.text("cert", tls.cert);
  map.text("key", tls.key);
  map.text("client_ca", tls.client_ca);
  if (tls.cert.empty() || tls.key.empty()) map.complain("cert", "both cert and key are needed");
}

}  // namespace towld

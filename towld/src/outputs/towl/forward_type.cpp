// The row of outputs of type `towl`.
#include <set>
#include <string>
#include <utility>

#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/towl/forward_config.hpp"
#include "outputs/towl/forward_security.hpp"
#include "outputs/towl/forwarder.hpp"

namespace towld {
namespace {

/// HOST:PORT, or unix:PATH.
bool is_remote(const std::string& text) {
  if (text.starts_with("unix:")) return true;
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0 || text.find_first_of("/ @?#") != std::string::npos) return false;
  const std::string port = text.substr(colon + 1);
  // An address of IPv6 needs its brackets.
  if (text.find(':') != colon && text[colon - 1] != ']') return false;
  return !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string::npos &&
         std::stoi(port) > 0 && std::stoi(port) <= 65'535;
}

Settings read(YamlMap& map) {
  ForwardConfig config;
  map.texts("remote", config.remotes);
  if (config.remotes.empty()) map.complain("remote", "name at least one collector, e.g. collector:50011");
  for (const std::string& remote : config.remotes) {
    if (!is_remote(remote)) {
      map.complain("remote", "\"" + remote + "\" must be HOST:PORT, e.g. collector:50011, without a scheme or a path");
    }
  }
  const std::set<std::string> different(config.remotes.begin(), config.remotes.end());
  if (different.size() < config.remotes.size()) map.complain("remote", "names a collector twice");
  map.map("tls", [&](YamlMap& inner) {
    inner.text("ca", config.ca);
    inner.text("cert", config.cert);
    inner.text("key", config.key);
    inner.text("server_name", config.server_name);
    inner.choice("insecure_skip_verify", kYesOrNo, config.skip_verify);
    if (config.cert.empty() != config.key.empty()) inner.complain("cert", "cert and key belong together");
  });
  map.text("token_file", config.token_file);
  map.choice("plaintext", kYesOrNo, config.plaintext);
  return Settings::of(std::move(config));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  const auto& config = settings.as<ForwardConfig>();
  // What is wrong with the files is told now; they are read again for each connection.
  for (const std::string& remote : config.remotes) {
    if (auto good = read_security(config, remote); !good) return towl::fail(std::move(good.error()));
  }
  return Forwarder::start({.name = std::move(context.name), .to = config}, *context.ingest, std::move(context.log));
}

std::vector<std::string> targets(const Settings& settings) { return settings.as<ForwardConfig>().remotes; }

std::string target(const Settings& settings) { return settings.as<ForwardConfig>().remotes.front(); }

}  // namespace

extern const OutputType kTowlOutput = {
    .name = "towl", .read = read, .start = start, .target = target, .forwards = true, .targets = targets};

}  // namespace towld

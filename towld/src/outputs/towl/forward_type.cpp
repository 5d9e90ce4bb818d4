// The row of outputs of type `towl`.
#include "config/names.hpp"
#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/towl/forward_config.hpp"
#include "outputs/towl/forward_security.hpp"
#include "outputs/towl/forwarder.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  ForwardConfig config;
  map.texts("remote", config.remotes);
  if (config.remotes.empty()) map.complain("remote", "name at least one collector, e.g. collector:50011");
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
  return Forwarder::start({.name = context.name, .to = config}, *context.ingest, context.log);
}

std::vector<std::string> targets(const Settings& settings) { return settings.as<ForwardConfig>().remotes; }

}  // namespace

extern const OutputType kTowlOutput = {
    .name = "towl", .read = read, .start = start, .forwards = true, .targets = targets};

}  // namespace towld

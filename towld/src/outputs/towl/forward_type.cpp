// The row of outputs of type `towl`.
#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/towl/forwarder.hpp"

namespace towld {
namespace {

using Remotes = std::vector<std::string>;  // HOST:PORT; the first that can be reached is used.

Settings read(YamlMap& map) {
  Remotes remotes;
  map.texts("remote", remotes);
  if (remotes.empty()) map.complain("remote", "name at least one collector, e.g. collector:50011");
  return Settings::of(std::move(remotes));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  return Forwarder::start({.name = context.name, .remotes = settings.as<Remotes>()}, *context.ingest, context.log);
}

}  // namespace

extern const OutputType kTowlOutput = {.name = "towl", .read = read, .start = start, .forwards = true};

}  // namespace towld

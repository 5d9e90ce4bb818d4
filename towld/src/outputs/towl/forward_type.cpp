// The row of outputs of type `towl`.
#include <set>
#include <string>

#include "config/yaml_map.hpp"
#include "outputs/output_type.hpp"
#include "outputs/towl/forwarder.hpp"

namespace towld {
namespace {

using Remotes = std::vector<std::string>;  // HOST:PORT; the first that can be reached is used.

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
  Remotes remotes;
  map.texts("remote", remotes);
  if (remotes.empty()) map.complain("remote", "name at least one collector, e.g. collector:50011");
  for (const std::string& remote : remotes) {
    if (!is_remote(remote)) {
      map.complain("remote", "\"" + remote + "\" must be HOST:PORT, e.g. collector:50011, without a scheme or a path");
    }
  }
  const std::set<std::string> different(remotes.begin(), remotes.end());
  if (different.size() < remotes.size()) map.complain("remote", "names a collector twice");
  return Settings::of(std::move(remotes));
}

towl::Result<std::unique_ptr<Output>> start(const Settings& settings, OutputContext context) {
  return Forwarder::start({.name = context.name, .remotes = settings.as<Remotes>()}, *context.ingest, context.log);
}

std::string target(const Settings& settings) { return settings.as<Remotes>().front(); }

}  // namespace

extern const OutputType kTowlOutput = {
    .name = "towl", .read = read, .start = start, .target = target, .forwards = true};

}  // namespace towld

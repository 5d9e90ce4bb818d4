// The row of inputs of type `syslog`.
#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"
#include "inputs/stream/allow_list.hpp"
#include "inputs/syslog/syslog_input.hpp"

namespace towld {
namespace {

Settings read(YamlMap& map) {
  SyslogInputConfig syslog;
  map.text("listen", syslog.listen);
  const auto starts = [&](const char* scheme) { return syslog.listen.starts_with(scheme); };
  if (!starts("udp://") && !starts("tcp://") && !starts("tls://") && syslog.listen != "systemd") {
    map.complain("listen", "must be udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT or systemd");
  }
  map.map("tls", [&](YamlMap& inner) { read_tls(inner, syslog.tls.emplace()); });
  if (starts("tls://") && !syslog.tls) map.complain("listen", "tls:// needs `tls` with cert and key");
  map.texts("allow", syslog.allow);
  if (const auto allowed = AllowList::parse(syslog.allow); !allowed) map.complain("allow", allowed.error().message);
  map.text("time_zone", syslog.time_zone);
  map.number("max_connections", syslog.max_connections);
  return Settings::of(std::move(syslog));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): types are all started alike.
towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context, const InputServices&) {
  return as_input(SyslogInput::start(settings.as<SyslogInputConfig>(), context));
}

towl::Result<void> check(const Settings& settings) { return SyslogInput::check(settings.as<SyslogInputConfig>()); }

// Sockets of systemd are the administrator's; with `client_ca` clients show who they are, and `allow` says where they
// are.
std::string open_address(const Settings& settings) {
  const auto& syslog = settings.as<SyslogInputConfig>();
  const bool shows_who = syslog.listen.starts_with("tls") && syslog.tls && !syslog.tls->client_ca.empty();
  return shows_who || !syslog.allow.empty() || syslog.listen == "systemd" ? "" : syslog.listen;
}

}  // namespace

extern const InputType kSyslogInput = {
    .name = "syslog", .read = read, .start = start, .check = check, .open_address = open_address};

}  // namespace towld

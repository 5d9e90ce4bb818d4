// The row of inputs of type `relp`.
#include <string>
#include <utility>

#include "config/yaml_map.hpp"
#include "inputs/input_type.hpp"
#include "inputs/relp/relp_session.hpp"
#include "inputs/stream/stream_input.hpp"

namespace towld {
namespace {

struct RelpConfig {
  StreamInputConfig stream = {};
  std::string time_zone = {};  ///< Of RFC 3164 times; empty: this machine's.

  friend bool operator==(const RelpConfig&, const RelpConfig&) = default;
};

Settings read(YamlMap& map) {
  RelpConfig relp;
  read_stream_input(map, relp.stream);
  map.text("time_zone", relp.time_zone);
  return Settings::of(std::move(relp));
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): types are all started alike.
towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context, const InputServices&) {
  const auto& relp = settings.as<RelpConfig>();
  auto zone = towl::TimeZone::load(relp.time_zone);
  if (!zone) return towl::fail(std::move(zone.error()));
  return as_input(StreamInput::start(relp.stream, context, relp_sessions(*zone, context.max_entry_bytes)));
}

towl::Result<void> check(const Settings& settings) {
  const auto& relp = settings.as<RelpConfig>();
  if (const auto zone = towl::TimeZone::load(relp.time_zone); !zone) return towl::fail(zone.error());
  return StreamInput::check(relp.stream);
}

std::string open_address(const Settings& settings) { return open_address_of(settings.as<RelpConfig>().stream); }

}  // namespace

extern const InputType kRelpInput = {
    .name = "relp", .read = read, .start = start, .check = check, .answers = true, .open_address = open_address};

}  // namespace towld

// The row of inputs of type `fluent`.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "config/yaml_map.hpp"
#include "inputs/fluent/fluent_handshake.hpp"
#include "inputs/fluent/fluent_session.hpp"
#include "inputs/input_type.hpp"
#include "inputs/stream/stream_input.hpp"

namespace towld {
namespace {

struct FluentConfig {
  StreamInputConfig stream = {};
  std::uint64_t max_message_bytes = kFluentMessageBytes;
  std::string shared_key_file = {};

  friend bool operator==(const FluentConfig&, const FluentConfig&) = default;
};

Settings read(YamlMap& map) {
  FluentConfig fluent;
  read_stream_input(map, fluent.stream);
  std::optional<std::uint64_t> bytes;
  map.bytes("max_message_bytes", bytes);
  if (bytes) fluent.max_message_bytes = *bytes;
  if (fluent.max_message_bytes < kLeastFluentMessageBytes || fluent.max_message_bytes > kMostFluentMessageBytes) {
    map.complain("max_message_bytes", "must be 64KiB to 256MiB");
  }
  map.text("shared_key_file", fluent.shared_key_file);
  return Settings::of(std::move(fluent));
}

towl::Result<std::string> key_of(const FluentConfig& fluent) {
  return fluent.shared_key_file.empty() ? towl::Result<std::string>("") : read_shared_key(fluent.shared_key_file);
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): types are all started alike.
towl::Result<std::unique_ptr<Input>> start(const Settings& settings, InputContext context, const InputServices&) {
  const auto& fluent = settings.as<FluentConfig>();
  auto key = key_of(fluent);
  if (!key) return towl::fail(std::move(key.error()));
  StreamLimits limits;
  // Two that are as large as they may be.
  limits.held_bytes = std::max<std::size_t>(limits.held_bytes, 2 * fluent.max_message_bytes);
  return as_input(StreamInput::start(
      fluent.stream, context,
      fluent_sessions({.message_bytes = fluent.max_message_bytes, .shared_key = std::move(*key)}), limits));
}

towl::Result<void> check(const Settings& settings) {
  const auto& fluent = settings.as<FluentConfig>();
  if (const auto key = key_of(fluent); !key) return towl::fail(key.error());
  return StreamInput::check(fluent.stream);
}

// With a shared key clients show who they are.
std::string open_address(const Settings& settings) {
  const auto& fluent = settings.as<FluentConfig>();
  return fluent.shared_key_file.empty() ? open_address_of(fluent.stream) : "";
}

}  // namespace

extern const InputType kFluentInput = {
    .name = "fluent", .read = read, .start = start, .check = check, .answers = true, .open_address = open_address};

}  // namespace towld

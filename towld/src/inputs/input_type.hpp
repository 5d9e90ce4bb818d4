// InputType is a row of the table of inputs: its name in the configuration, how its settings are read, how it is
// started, and what else the collector must know of it. Each input's folder has its own, and the settings that only
// it knows.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "config/settings.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "towl/result.hpp"

namespace towld {

class HttpEndpoint;
class YamlMap;

/// What inputs use, apart from the store.
struct InputServices {
  std::shared_ptr<HttpEndpoint> http = {};  ///< Where clients post entries; nullptr if there is no HTTP.
  /// The input's source has ended, and all of it is stored. Called on the input's thread.
  std::function<void()> ended = {};
};

/// A path of the HTTP endpoint: see HttpRoute. Clients post there, and if `is_asked` they also ask there.
struct InputPath {
  std::string_view path;
  bool is_asked = false;
};

struct InputType {
  std::string_view name;  ///< As `type` has it.
  /// Reads the keys that only this type has, and complains about what is wrong or missing.
  Settings (*read)(YamlMap& map);
  /// Starts an input. `settings` are what read() made. Errors: those of the input.
  towl::Result<std::unique_ptr<Input>> (*start)(const Settings& settings, InputContext context,
                                                const InputServices& services);
  /// Whether it can start with these settings, as far as this can be told without starting it; nullptr: it can.
  towl::Result<void> (*check)(const Settings& settings) = nullptr;
  /// It keeps what waits for more in a chain of parsers: `multiline` may stand there.
  bool joins_lines = false;
  /// It stores how far its sources were read: files of format 1 have no place for that.
  bool keeps_positions = false;
  /// Clients wait for its answers, which promise the configured durability. For others, waiting for each sync gains
  /// nothing: their sources keep what is not stored, or hear nothing.
  bool answers = false;
  /// Paths of the HTTP endpoint that it takes.
  std::span<const InputPath> paths = {};
  /// HOST:PORT, or SCHEME://HOST:PORT, if anyone who can reach it may send without showing who it is; empty: none.
  std::string (*open_address)(const Settings& settings) = nullptr;
};

/// For the `start` of a row.
template <class T>
towl::Result<std::unique_ptr<Input>> as_input(towl::Result<std::unique_ptr<T>> started) {
  if (!started) return towl::fail(std::move(started.error()));
  return std::unique_ptr<Input>(std::move(*started));
}

}  // namespace towld

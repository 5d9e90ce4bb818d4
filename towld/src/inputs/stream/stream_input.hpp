// StreamInput is an input of one protocol over TCP or TLS: it listens, and a session of the protocol takes what each
// client sends.
//
// What connections may cost: StreamLimits. Full queues and disks: delivery.hpp.
//
// Threads: one of its own, which does all the work; the calls here are for any thread, one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "config/tls_config.hpp"
#include "config/yaml_map.hpp"
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "inputs/stream/stream_session.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

struct StreamInputConfig {
  std::string listen = {};  ///< tcp://HOST:PORT or tls://HOST:PORT
  std::optional<TlsConfig> tls = {};
  /// Networks that clients may come from; none: all.
  std::vector<std::string> allow = {};
  std::uint64_t max_connections = 4096;

  friend bool operator==(const StreamInputConfig&, const StreamInputConfig&) = default;
};

/// Reads its keys, and complains about what is wrong.
void read_stream_input(YamlMap& map, StreamInputConfig& config);

/// `listen`, unless clients must show who they are, or come from somewhere.
std::string open_address_of(const StreamInputConfig& config);

class StreamInput final : public Input {
 public:
  /// Listens from now on. Errors: invalid_argument, not_found (host), permission_denied, io (the address is taken).
  static towl::Result<std::unique_ptr<StreamInput>> start(const StreamInputConfig& config, const InputContext& context,
                                                          MakeSession make_session, const StreamLimits& limits = {});
  /// What start() refuses of the configuration alone. Errors: those of start(), except for what is in use.
  static towl::Result<void> check(const StreamInputConfig& config);
  ~StreamInput() override;
  StreamInput(const StreamInput&) = delete;
  StreamInput& operator=(const StreamInput&) = delete;

  /// Listens no more, takes what has arrived, answers it, and closes.
  void stop() override;

  InputStatus status() const override;

  /// Reads certificate, key and client CA again, for connections from now on. If that fails, those in use stay.
  towl::Result<void> reload() override;

  /// Where it listens, with the port that the system chose: "tcp://127.0.0.1:24224".
  std::string address() const;

 private:
  struct Parts;

  explicit StreamInput(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
  std::jthread thread_;
};

}  // namespace towld

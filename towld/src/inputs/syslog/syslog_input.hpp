// SyslogInput receives syslog messages, RFC 5424 and RFC 3164, by UDP, TCP and TLS, on sockets of its own or those that
// systemd passes.
//
// What becomes of messages: parse/syslog_message.hpp. Framing: framer.hpp. Full queues and disks: stream/delivery.hpp,
// datagram_receiver.hpp. What connections may cost: StreamLimits.
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
#include "inputs/gatherer.hpp"
#include "inputs/input.hpp"
#include "limits/limits.hpp"
#include "towl/result.hpp"

namespace towld {

struct SyslogInputConfig {
  /// udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT, or systemd: the socket that it passes.
  std::string listen = {};
  std::optional<TlsConfig> tls = {};
  /// Networks that messages are taken from; none: all.
  std::vector<std::string> allow = {};
  std::string time_zone = {};  ///< Of RFC 3164 times; empty: this machine's.
  std::uint64_t max_connections = 4096;

  friend bool operator==(const SyslogInputConfig&, const SyslogInputConfig&) = default;
};

class SyslogInput final : public Input {
 public:
  /// Listens from now on. Errors: invalid_argument, not_found (host, time zone, no socket of systemd's),
  /// permission_denied, io (the address is taken).
  static towl::Result<std::unique_ptr<SyslogInput>> start(const SyslogInputConfig& config, const InputContext& context,
                                                          const StreamLimits& limits = {});
  /// What start() refuses of the configuration alone. Errors: those of start(), except for what is in use.
  static towl::Result<void> check(const SyslogInputConfig& config);
  ~SyslogInput() override;
  SyslogInput(const SyslogInput&) = delete;
  SyslogInput& operator=(const SyslogInput&) = delete;

  /// Listens no more, takes what has arrived, also of unfinished messages, and closes.
  void stop() override;

  /// Where it listens, and the counts of connections.
  InputStatus status() const override;

  /// Reads certificate, key and client CA again, for connections from now on. If that fails, those in use stay.
  towl::Result<void> reload() override;

  /// Where it listens, with the ports that the system chose: "udp://127.0.0.1:514".
  std::vector<std::string> addresses() const;

 private:
  struct Parts;

  explicit SyslogInput(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
  std::jthread thread_;
};

}  // namespace towld

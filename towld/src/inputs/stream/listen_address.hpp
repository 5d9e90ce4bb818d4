// ListenAddress is what `listen` of a syslog input says.
#pragma once

#include <cstdint>
#include <string>

#include "towl/result.hpp"

namespace towld {

enum class Transport { udp, tcp, tls, systemd };

struct ListenAddress {
  Transport transport = Transport::udp;
  std::string host = {};  ///< A name or an address, IPv6 without its brackets.
  std::string port = {};
};

/// Reads udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT ([HOST] for IPv6) and systemd.
/// Errors: invalid_argument.
towl::Result<ListenAddress> parse_listen_address(const std::string& text);

/// "udp", "tcp", "tls" or "systemd".
const char* name_of(Transport transport);

}  // namespace towld

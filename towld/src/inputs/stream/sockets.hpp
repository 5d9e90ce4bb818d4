// The sockets that a syslog input listens on: opened by itself, or passed by systemd.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <string>
#include <vector>

#include "inputs/descriptor.hpp"
#include "inputs/stream/listen_address.hpp"
#include "towl/result.hpp"

namespace towld {

/// A socket to accept connections from, or to receive datagrams from. It does not block.
struct ListeningSocket {
  Descriptor descriptor;
  bool is_datagram = false;
  std::string address = {};  ///< Where it is bound: "127.0.0.1:514", "[::1]:514", or a path.
};

/// Binds a socket, and listens on one that is not for datagrams. Errors: those of the system, with what to do.
towl::Result<ListeningSocket> open_listening_socket(const ListenAddress& address);

/// The sockets that systemd passed (sd_listen_fds(3)), duplicated, so that an input can be started again.
/// Errors: not_found if there are none.
towl::Result<std::vector<ListeningSocket>> passed_sockets();

/// The address, without the port; IPv4 in IPv6 as IPv4. Empty if it is no internet address.
std::string host_of(const sockaddr_storage& address);

}  // namespace towld

// AllowList says from which networks a listener takes messages: `allow: [10.0.0.0/8, "fd00::/8", 192.0.2.7]`.
//
// It keeps out what comes from elsewhere by mistake. An address can be forged, in datagrams above all: what must be
// kept out needs TLS with client_ca.
// Any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towld {

class AllowList {
 public:
  /// Allows everybody.
  AllowList() = default;

  /// Networks as ADDRESS/BITS, or single addresses. Errors: invalid_argument, also for host bits that are set:
  /// 10.0.0.7/8 is more likely a mistake than a wish.
  static towl::Result<AllowList> parse(const std::vector<std::string>& networks);

  /// What is no internet address, a local socket's, is allowed: its file has a mode.
  bool allows(const sockaddr_storage& address) const;

 private:
  struct Network {
    in6_addr prefix = {};  // IPv4 as ::ffff:a.b.c.d
    unsigned bits = 0;
  };
  static towl::Result<Network> parse(const std::string& network);

  std::vector<Network> networks_;
};

}  // namespace towld

#include "access/peer_group.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>

namespace towld {

std::string peer_group(std::string_view address) {
  std::string text(address.substr(0, address.find('%')));  // fe80::1%eth0
  in6_addr host{};
  if (inet_pton(AF_INET6, text.c_str(), &host) != 1) return std::string(address);
  std::array<char, INET6_ADDRSTRLEN> group{};
  if (IN6_IS_ADDR_V4MAPPED(&host)) {
    inet_ntop(AF_INET, &host.s6_addr[12], group.data(), group.size());
    return group.data();
  }
  if (IN6_IS_ADDR_LOOPBACK(&host)) return text;
  std::fill(std::begin(host.s6_addr) + 8, std::end(host.s6_addr), std::uint8_t{0});
  inet_ntop(AF_INET6, &host, group.data(), group.size());
  return std::string(group.data()) + "/64";
}

}  // namespace towld

#include "inputs/stream/allow_list.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace towld {
namespace {

constexpr unsigned kMappedBits = 96;
constexpr unsigned kAllBits = 128;

in6_addr mapped(const in_addr& address) {
  in6_addr as_v6{};
  as_v6.s6_addr[10] = as_v6.s6_addr[11] = 0xff;
  std::memcpy(&as_v6.s6_addr[12], &address, sizeof address);
  return as_v6;
}

/// The first `bits` bits are the same.
bool begins_like(const in6_addr& a, const in6_addr& b, unsigned bits) {
  const std::size_t whole = bits / 8;
  if (std::memcmp(a.s6_addr, b.s6_addr, whole) != 0) return false;
  const unsigned rest = bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<unsigned char>(0xff << (8 - rest));
  return ((a.s6_addr[whole] ^ b.s6_addr[whole]) & mask) == 0;
}

bool is_zero_from(const in6_addr& address, unsigned bits) {
  for (unsigned bit = bits; bit < kAllBits; ++bit) {
    if ((address.s6_addr[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

}  // namespace

towl::Result<AllowList::Network> AllowList::parse(const std::string& network) {
  const auto wrong = [&](const char* why) {
    return towl::fail(towl::ErrorCode::invalid_argument, "\"" + network + "\" is no network: " + why);
  };
  const auto slash = network.find('/');
  const std::string address = network.substr(0, slash);
  Network parsed;
  in_addr v4{};
  unsigned most = kAllBits;
  if (inet_pton(AF_INET, address.c_str(), &v4) == 1) {
    parsed.prefix = mapped(v4);
    most = kAllBits - kMappedBits;
  } else if (inet_pton(AF_INET6, address.c_str(), &parsed.prefix) != 1) {
    return wrong("write it as ADDRESS/BITS, e.g. 10.0.0.0/8, or as an address");
  }
  unsigned bits = most;
  if (slash != std::string::npos) {
    const char* end = network.data() + network.size();
    const auto read = std::from_chars(network.data() + slash + 1, end, bits);
    if (read.ec != std::errc() || read.ptr != end || bits > most) return wrong("there are not so many bits");
  }
  parsed.bits = bits + (kAllBits - most);
  if (!is_zero_from(parsed.prefix, parsed.bits)) return wrong("the address has bits that the network has not");
  return parsed;
}

towl::Result<AllowList> AllowList::parse(const std::vector<std::string>& networks) {
  AllowList list;
  for (const std::string& network : networks) {
    auto parsed = parse(network);
    if (!parsed) return towl::fail(std::move(parsed.error()));
    list.networks_.push_back(*parsed);
  }
  return list;
}

bool AllowList::allows(const sockaddr_storage& address) const {
  if (networks_.empty()) return true;
  in6_addr host{};
  if (address.ss_family == AF_INET) {
    host = mapped(reinterpret_cast<const sockaddr_in*>(&address)->sin_addr);
  } else if (address.ss_family == AF_INET6) {
    host = reinterpret_cast<const sockaddr_in6*>(&address)->sin6_addr;
  } else {
    return true;
  }
  return std::any_of(networks_.begin(), networks_.end(),
                     [&](const Network& network) { return begins_like(host, network.prefix, network.bits); });
}

}  // namespace towld

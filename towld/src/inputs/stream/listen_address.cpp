#include "inputs/stream/listen_address.hpp"

#include <charconv>

namespace towld {

const char* name_of(Transport transport) {
  switch (transport) {
    case Transport::udp:
      return "udp";
    case Transport::tcp:
      return "tcp";
    case Transport::tls:
      return "tls";
    case Transport::systemd:
      return "systemd";
  }
  return "";
}

towl::Result<ListenAddress> parse_listen_address(const std::string& text) {
  const auto wrong = [&](const std::string& why) {
    return towl::fail(towl::ErrorCode::invalid_argument,
                      "cannot listen on \"" + text + "\": " + why +
                          "; it must be udp://HOST:PORT, tcp://HOST:PORT, tls://HOST:PORT (an IPv6 address in "
                          "brackets) or systemd");
  };
  if (text == "systemd") return ListenAddress{.transport = Transport::systemd};
  const std::size_t mark = text.find("://");
  if (mark == std::string::npos) return wrong("there is no ://");
  ListenAddress address;
  const std::string scheme = text.substr(0, mark);
  if (scheme == "tcp") {
    address.transport = Transport::tcp;
  } else if (scheme == "tls") {
    address.transport = Transport::tls;
  } else if (scheme != "udp") {
    return wrong("\"" + scheme + "\" is not known");
  }
  const std::string rest = text.substr(mark + 3);
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string::npos) return wrong("there is no port");
  address.host = rest.substr(0, colon);
  address.port = rest.substr(colon + 1);
  const bool is_bracketed = address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']';
  if (is_bracketed) {
    address.host = address.host.substr(1, address.host.size() - 2);
  } else if (address.host.find_first_of(":[]") != std::string::npos) {
    return wrong("the host is not clear");
  }
  if (address.host.empty()) return wrong("there is no host");
  std::uint16_t port = 0;
  const char* end = address.port.data() + address.port.size();
  const auto parsed = std::from_chars(address.port.data(), end, port);
  if (parsed.ec != std::errc() || parsed.ptr != end) return wrong("the port must be a number from 0 to 65535");
  return address;
}

}  // namespace towld

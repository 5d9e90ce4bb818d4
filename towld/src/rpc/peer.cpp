#include "rpc/peer.hpp"

namespace towld {

std::string peer_host(std::string_view peer) {
  const auto scheme = peer.substr(0, peer.find(':'));
  if (scheme == peer || scheme == "unix") return "localhost";
  std::string_view host = peer.substr(scheme.size() + 1);
  host = host.substr(0, host.rfind(':'));
  constexpr std::string_view kOpen = "%5B";
  constexpr std::string_view kClose = "%5D";
  if (host.starts_with(kOpen) && host.ends_with(kClose)) {
    host = host.substr(kOpen.size(), host.size() - kOpen.size() - kClose.size());
  } else if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  }
  return std::string(host);
}

}  // namespace towld

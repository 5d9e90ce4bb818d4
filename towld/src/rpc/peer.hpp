// peer_host finds the host in what gRPC calls a peer.
#pragma once

#include <string>
#include <string_view>

namespace towld {

/// "ipv4:10.0.0.7:41234" → "10.0.0.7", "ipv6:%5B::1%5D:41234" → "::1", "unix:…" → "localhost".
std::string peer_host(std::string_view peer);

}  // namespace towld

// peer_group says which peer an address counts for, for limits per peer: an IPv4 host, or the /64 of an
// IPv6 one, all of which a single host can have.
#pragma once

#include <string>
#include <string_view>

namespace towld {

/// `address`: as text, without a port. A text that is no address is a group of its own.
std::string peer_group(std::string_view address);

}  // namespace towld

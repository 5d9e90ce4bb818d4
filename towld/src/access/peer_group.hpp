// peer_group tells whom an address counts for, where one peer may have only so much: an IPv4 host, or the /64 of an
// IPv6 one, which a single host can have all of.
#pragma once

#include <string>
#include <string_view>

namespace towld {

/// `address`: as text, without a port. What is no address is its own group.
std::string peer_group(std::string_view address);

}  // namespace towld

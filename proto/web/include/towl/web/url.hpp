// Addresses of servers, as in configurations. Needs no client: see towl_web_url in CMakeLists.txt.
#pragma once

#include <string>
#include <string_view>

namespace towl::web {

/// What is wrong with an address of a server: "" if it is http:// or https:// and a host, with nothing after a '?', '#'
/// and without a user.
std::string wrong_with_url(std::string_view url);

/// The host is this machine: 127.0.0.0/8, ::1, localhost. What is sent to it needs no encryption.
bool is_this_host(std::string_view url);

}  // namespace towl::web

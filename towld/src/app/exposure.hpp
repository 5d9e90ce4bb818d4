// Who can reach the collector: other machines must not, without a login, unless it was said that they may.
#pragma once

#include <string>
#include <vector>

#include "config/config.hpp"
#include "towl/result.hpp"

namespace towld {

/// Addresses of the configuration that other machines could reach, to read or to send, and be anyone.
std::vector<std::string> open_addresses(const Config& config);

/// Errors: permission_denied where there are any and `insecure` was not said.
towl::Result<void> check_exposure(const Config& config, bool insecure);

}  // namespace towld

// How a forwarder shows who it is, and makes sure of whom it talks to.
#pragma once

#include <string>

#include "outputs/towl/forward_config.hpp"
#include "towl/result.hpp"
#include "towl/v1/channel_security.hpp"

namespace towld {

/// For a connection to `remote`; reads the files. Errors: those of towl::rpc::read_security and read_token_file().
towl::Result<towl::rpc::ChannelSecurity> read_security(const ForwardConfig& config, const std::string& remote);

}  // namespace towld

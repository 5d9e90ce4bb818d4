// What of a connection the command line left open: the environment says it, or the folder of that server, which
// `towld init --client` fills.
//
//     $TOWL_CA  $TOWL_CERT  $TOWL_KEY  $TOWL_SERVER_NAME  $TOWL_TOKEN  $TOWL_TOKEN_FILE
//     ~/.config/towl/HOST:PORT/ca.pem and /token          ($XDG_CONFIG_HOME)
#pragma once

#include <string>

#include "collector/connection.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// `server` as gRPC takes it: with port 50011 where it has none.
std::string with_port(const std::string& server);

/// Fills what is empty, and reads the token's file. Errors: those of reading; invalid_argument for an empty file.
towl::Result<Connection> complete_connection(const std::string& server, Connection connection);

/// The token of a file that administers a collector on this host, "" unless it is safe to take: named admin.token, a
/// plain file of this user's or root's that nobody else can read, with a token in it and nothing else. The path comes
/// from a server: no other file's contents may get there.
std::string admin_token_in(const std::string& path);

}  // namespace towlctl

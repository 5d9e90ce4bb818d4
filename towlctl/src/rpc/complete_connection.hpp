// Fills in what the command line did not say about a connection: from the environment, or from the folder of that
// server, which `towld init --client` fills.
//
//     $TOWL_CA  $TOWL_CERT  $TOWL_KEY  $TOWL_SERVER_NAME  $TOWL_TOKEN  $TOWL_TOKEN_FILE
//     ~/.config/towl/HOST:PORT/ca.pem and /token          ($XDG_CONFIG_HOME)
#pragma once

#include <string>

#include "collector/connection.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// `server` as gRPC takes it: with port 50011 if it has none.
std::string with_port(const std::string& server);

/// Fills what is empty, and reads the token's file. Errors: those of reading; invalid_argument for an empty file.
towl::Result<Connection> complete_connection(const std::string& server, Connection connection);

/// The token in a file for the administrator of a collector on this host. "" unless it is safe to take: the file is
/// named admin.token, is a plain file of this user or root that nobody else can read, and has only a token in it. The
/// path comes from a server: no other file's contents may get there.
std::string admin_token_in(const std::string& path);

}  // namespace towlctl

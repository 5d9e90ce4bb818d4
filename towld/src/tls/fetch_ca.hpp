// fetch_ca gets a site's CA from a collector that shows it, for users who know its fingerprint: the only thing to be
// carried from host to host, and no secret.
//
// Any thread.
#pragma once

#include <string>

#include "towl/result.hpp"

namespace towld {

/// The certificate, as PEM, whose SHA-256 is `sha256` (64 hexadecimal digits in any case), of those that the server at
/// `host`:`port` shows. The server's own must be signed by it, and be for `host`. Nothing is sent but a handshake.
/// Errors: io if the server cannot be reached, permission_denied if it shows another CA or a certificate that is
/// not good: somebody may be in between.
towl::Result<std::string> fetch_ca(const std::string& host, const std::string& port, const std::string& sha256);

}  // namespace towld

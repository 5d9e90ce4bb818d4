// Certificates for a site that has none: a CA of its own, and what it signs for a collector.
//
// Keys are ECDSA on P-256, signatures SHA-256 (RFC 5480): what every client takes today.
// Any thread.
#pragma once

#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towld {

/// A certificate and its key, as PEM.
struct MadeCertificate {
  std::string certificate = {};
  std::string key = {};
};

/// A CA called `name`, valid for ten years. Errors: io.
towl::Result<MadeCertificate> make_ca(const std::string& name);

/// A server's certificate for `names` (host names and addresses; at least one), signed by `ca`, valid for two years.
/// The CA's certificate follows it in `certificate`, so that a client can be shown what it is to trust. Errors:
/// invalid_argument for a CA that cannot be read or a name that cannot be; io.
towl::Result<MadeCertificate> make_server_certificate(const MadeCertificate& ca, const std::vector<std::string>& names);

/// SHA-256 of the first certificate in `pem` as it is signed (DER): 64 hexadecimal digits. Errors: invalid_argument.
towl::Result<std::string> fingerprint_of(const std::string& pem);

}  // namespace towld

// Reads public keys that users name and checks their signatures: Ed25519, with OpenSSL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "towl/result.hpp"

namespace towlctl {

/// The keys in `texts`: each names a file (PEM, as `towld key create` writes FILE.pub), or is 64 hexadecimal digits.
/// Each key has 32 bytes, as libtowl wants. Errors: not_found, permission_denied, invalid_argument.
towl::Result<std::vector<std::string>> read_public_keys(const std::vector<std::string>& texts);

/// A towl::CheckSignature.
bool check_signature(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace towlctl

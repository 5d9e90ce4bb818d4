// The key that a collector signs the heads of its files with: Ed25519, private, in a file of its own.
#pragma once

#include <filesystem>
#include <string>

#include "towl/result.hpp"
#include "towl/signed_head.hpp"

namespace towld {

/// Makes a key: `file` gets the private one (PEM, for its owner alone), `file`.pub the public one (PEM), which is
/// returned. Errors: already_exists; those of replace_file().
towl::Result<std::string> create_signing_key(const std::filesystem::path& file);

/// A signer with the key in `file`; any thread may use it. Errors: not_found, permission_denied, invalid_argument if
/// it is no private Ed25519 key in PEM.
towl::Result<towl::Signer> load_signing_key(const std::filesystem::path& file);

}  // namespace towld

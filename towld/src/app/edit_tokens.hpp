// Changes to a file of tokens. They are made one after the other, even if several programs make them.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "access/token_file.hpp"
#include "towl/result.hpp"

namespace towld {

/// Reads the file (none: no tokens), lets `change` change them, and writes them, under a lock on the folder. The folder
/// must be there. Errors: those of reading, writing and `change`, after which nothing is written.
towl::Result<void> edit_tokens(const std::filesystem::path& file,
                               const std::function<towl::Result<void>(std::vector<TokenRecord>&)>& change);

/// Adds a token with this record, except for hash and time, and returns it: only its hash is kept.
/// Errors: already_exists for a name that is taken; those of edit_tokens().
towl::Result<std::string> create_token(const std::filesystem::path& file, TokenRecord record);

/// Errors: not_found for a name that is not there; those of edit_tokens().
towl::Result<void> revoke_token(const std::filesystem::path& file, const std::string& name);

}  // namespace towld

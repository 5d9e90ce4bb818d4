// Changes of a file of tokens, one after the other however many programs make them.
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

/// Adds a token, whose record is `record` but for hash and time, and returns it: what is kept of it is its hash.
/// Errors: already_exists for a name that is taken; those of edit_tokens().
towl::Result<std::string> create_token(const std::filesystem::path& file, TokenRecord record);

/// Errors: not_found for a name that is not there; those of edit_tokens().
towl::Result<void> revoke_token(const std::filesystem::path& file, const std::string& name);

}  // namespace towld

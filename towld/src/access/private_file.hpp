// Files with secrets: written whole or not at all, for their owner's eyes.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "towl/result.hpp"

namespace towld {

/// Replaces `file` by one with these contents: written next to it with `mode`, synced, renamed. With `keep_owner` it
/// gets the owner and group of the file that was there, or of the folder, if that is allowed. Errors: not_found (the
/// folder), permission_denied, no_space, io.
towl::Result<void> replace_file(const std::filesystem::path& file, std::string_view contents, mode_t mode,
                                bool keep_owner = false);

/// The secret in a file, which others issued: its one line, without blanks around it. Errors: those of reading;
/// invalid_argument for a file that is empty, has more than a line, or is longer than a secret is. The message never has
/// what was read.
towl::Result<std::string> read_secret_file(const std::string& path);

}  // namespace towld

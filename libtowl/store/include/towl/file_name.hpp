// The names that a store's files have, for programs that look after single files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"

namespace towl {

/// The file that the one writer of a folder holds locked: see FileLayer::lock().
inline constexpr std::string_view kLockName = "store.lock";

/// "3.towl"
std::string file_name(FileId file_id);

/// The ID of `ID.towl`; nullopt for every other name, `007.towl` included.
std::optional<FileId> parse_file_name(std::string_view name);

}  // namespace towl

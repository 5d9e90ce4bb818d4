// The names that a store's files have, for programs that look after single files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"

namespace towl {

/// The file that the one writer of a folder holds locked: see FileLayer::lock().
inline constexpr std::string_view kLockName = "store.lock";

/// Larger IDs are none of ours: a file that claims one must not bring the numbering to its end. At a file a
/// millisecond this is reached after 146 million years.
inline constexpr FileId kMaxFileId = FileId{1} << 62;

/// "3.towl"
std::string file_name(FileId file_id);

/// The ID of `ID.towl`; nullopt for every other name, `007.towl` and IDs above kMaxFileId included.
std::optional<FileId> parse_file_name(std::string_view name);

}  // namespace towl

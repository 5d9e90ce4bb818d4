// The names of a store's files, for programs that handle single files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"

namespace towl {

/// The file that the one writer of a folder holds locked: see FileLayer::lock().
inline constexpr std::string_view kLockName = "store.lock";

/// Larger IDs are not ours: a file that claims one must not bring the numbering to its end. At one file a millisecond
/// this is reached after 146 million years.
inline constexpr FileId kMaxFileId = FileId{1} << 62;

/// "3.towl"
std::string file_name(FileId file_id);

/// The ID of `ID.towl`; nullopt for every other name, also for `007.towl` and IDs above kMaxFileId.
std::optional<FileId> parse_file_name(std::string_view name);

}  // namespace towl

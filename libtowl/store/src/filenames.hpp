// Every name that a store has on disk.
//
//   ID.towl           a towl file; ID in decimal, without leading zeros
//   ID.towl.new       a towl file that is being created; removed when the store is opened
//   ID.towl.torn[.N]  the torn tail of a file, saved by recovery
//   store.lock        locked by the one writer
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/error.hpp"

namespace towl::detail {

/// Larger IDs are none of ours: a file that claims one must not bring the numbering to its end. At a file a
/// millisecond this is reached after 146 million years.
inline constexpr FileId kMaxFileId = FileId{1} << 62;

inline constexpr std::string_view kLockName = "store.lock";
inline constexpr std::string_view kFileSuffix = ".towl";
inline constexpr std::string_view kUnfinishedSuffix = ".new";

std::string file_name(FileId file_id);

/// The ID of `ID.towl`; nullopt for every other name, `007.towl` and IDs above kMaxFileId included.
std::optional<FileId> parse_file_name(std::string_view name);

/// The ID of `ID.towl` or `ID.towl.ANYTHING`: names that keep an ID from being used again.
std::optional<FileId> parse_any_file_name(std::string_view name);

/// Whether the name is a number and `.towl`, but no ID: too large, or with zeros in front.
bool is_foreign_file_name(std::string_view name);

/// What is said of one.
Error foreign_name_error(const std::filesystem::path& path);

/// Whether the name is that of a file whose creation was interrupted.
bool is_unfinished(std::string_view name);

}  // namespace towl::detail

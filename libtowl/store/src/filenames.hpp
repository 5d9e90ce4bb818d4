// Every name that a store has on disk.
//
//   ID.towl           a towl file; ID in decimal, without leading zeros
//   ID.towl.new       a towl file that is being created; removed when the store is opened
//   ID.towl.torn[.N]  the torn tail of a file, saved by recovery
//   store.lock        locked by the one writer
//   store.clock       the time that was seen to pass, for retention
//   store.filters     which words are in no text of which sealed file: towl/store_filters.hpp
//   store.filters.new the same, while it is being rewritten
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/error.hpp"
#include "towl/file_name.hpp"

namespace towl::detail {

inline constexpr std::string_view kFileSuffix = ".towl";
inline constexpr std::string_view kUnfinishedSuffix = ".new";
inline constexpr std::string_view kClockName = "store.clock";

/// The ID of `ID.towl` or `ID.towl.ANYTHING`: names that keep an ID from being used again.
std::optional<FileId> parse_any_file_name(std::string_view name);

/// Whether the name is a number and `.towl`, but no ID: too large, or with zeros in front.
bool is_foreign_file_name(std::string_view name);

/// What is said of one.
Error foreign_name_error(const std::filesystem::path& path);

/// Whether the name is that of a file whose creation was interrupted.
bool is_unfinished(std::string_view name);

}  // namespace towl::detail

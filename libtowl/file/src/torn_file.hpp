// What cannot be read is saved next to the file before any of it is cut off.
#pragma once

#include <cstdint>
#include <filesystem>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towl::detail {

/// Copies [begin, end) of the file to `PATH.SUFFIX`, or the first free `PATH.SUFFIX.N`: complete under that name and
/// on stable storage, or not there at all. Returns the name. Errors: no_space, permission_denied, io.
Result<std::filesystem::path> save_aside(FileLayer& layer, const std::filesystem::path& path, std::string_view suffix,
                                         File& file, std::uint64_t begin, std::uint64_t end);

/// The folder that a file is in.
std::filesystem::path folder_of(const std::filesystem::path& path);

/// Removes a file that may not be there.
Result<void> remove_if_there(FileLayer& layer, const std::filesystem::path& path);

}  // namespace towl::detail

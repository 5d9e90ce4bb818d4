// Which towl files a command is about: those it names, or all of its store. A store may be an archive, s3://BUCKET/PREFIX.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "towl/entry.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// The folder of --store, else $TOWL_STORE, else where sync mirrors the default server.
std::filesystem::path local_store(const std::string& option);

/// The paths that `names` mean: a number is a file ID of `store`, anything else is a path; a folder means its files. No
/// names: all files of `store`. A store's files come in the order of their IDs.
/// Errors: not_found, with what to do; those of listing a folder.
towl::Result<std::vector<std::filesystem::path>> find_files(const std::filesystem::path& store,
                                                            const std::vector<std::string>& names);

/// Whether it is a folder of files: on a disk, or in an archive anything that is not named as a file.
bool is_folder(const std::filesystem::path& path);

/// The ID in the name of a store's file; 0 for any other path.
towl::FileId file_id_of(const std::filesystem::path& path);

/// "3" for the file 3.towl of a store, the path for any other.
std::string short_name(const std::filesystem::path& path);

}  // namespace towlctl

// Reading and writing the two pages of an open file, with errors that name it.
#pragma once

#include <string>

#include "towl/file_layer.hpp"
#include "towl/header.hpp"
#include "towl/result.hpp"

namespace towl::detail {

/// Errors: io, not_a_towl_file, unsupported_version, corrupt.
Result<Header> read_header(File& file, const std::string& path);

/// Errors: io, corrupt. A page that a writer is rewriting at this moment is read again.
Result<Index> read_index(File& file, const std::string& path);

Result<void> write_index(File& file, const Index& index);

/// `error` with the file's name filled in.
Error at_file(Error error, const std::string& path);

/// The layer to use: the given one, or the operating system's.
inline FileLayer& layer_or_posix(FileLayer* layer) { return layer != nullptr ? *layer : posix_file_layer(); }

}  // namespace towl::detail

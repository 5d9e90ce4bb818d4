// Reading the two pages of an open file, of either format, with errors that name it.
#pragma once

#include <string>

#include "towl/file_layer.hpp"
#include "towl/header.hpp"
#include "towl/result.hpp"

namespace towl::detail {

/// Errors: io, not_a_towl_file, unsupported_version, corrupt. If a page of format 2 is damaged, the frame that
/// repeats it is read.
Result<Header> read_header(File& file, const std::string& path);

/// Errors: io, corrupt. A page that a writer is rewriting at this moment is read again. `header` is the file's.
Result<Index> read_index(File& file, const Header& header, const std::string& path);

/// The same of a file of format 1.
Result<void> write_index_v1(File& file, const Index& index);

/// One page, shorter if the file is. Errors: io.
Result<std::string> read_bytes(File& file, std::uint64_t offset, std::size_t length);

/// `error` with the file's name filled in.
Error at_file(Error error, const std::string& path);

inline bool is_v2(const Header& header) { return header.version == static_cast<std::int32_t>(FileFormat::v2); }

/// Where the first entry's bytes are.
std::uint64_t data_offset(const Header& header);

/// The layer to use: the given one, or the operating system's.
inline FileLayer& layer_or_posix(FileLayer* layer) { return layer != nullptr ? *layer : posix_file_layer(); }

}  // namespace towl::detail

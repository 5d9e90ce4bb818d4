// What a file of format 2 is made of: how many frames of which kind and encoding, and how many bytes they take.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"

namespace towl {

/// Frames that are stored in the same way.
struct FrameGroup {
  std::string what;  ///< E.g. "of columns", "of rows, zstd", "token filter".
  std::uint64_t frames = 0;
  std::uint64_t entries = 0;
  std::uint64_t stored_bytes = 0;  ///< In the file, headers and padding included.
  std::uint64_t text_bytes = 0;    ///< In their entries' senders and texts.
};

struct FileStructure {
  std::string uuid;    ///< 32 hexadecimal digits, as in addresses.
  std::string digest;  ///< Of the entries that the index page counts, 16 hexadecimal digits.
  std::vector<FrameGroup> groups;
};

/// Reads the headers of all frames; damaged ones are skipped. Errors: those of FileReader::open;
/// invalid_argument for a file of format 1.
Result<FileStructure> read_structure(const std::filesystem::path& path, FileLayer* layer = nullptr);

}  // namespace towl

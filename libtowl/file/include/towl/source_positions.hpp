// read_source_positions tells how far each source had been read when the last entry of a file was stored.
#pragma once

#include <filesystem>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "towl/source_position.hpp"

namespace towl {

struct SourcePositions {
  /// The last position of each source that the file's frames name; not those that were forgotten.
  std::vector<SourcePosition> positions;
  bool has_entries = false;
  /// Frames could not be read, or were given up by a repair: positions may be missing, or be old.
  bool incomplete = false;
};

/// Reads all frames with positions, up to the end of what is whole. A writer puts all positions that it knows into the
/// first frame of each file, so the newest file with entries has them all. Of a file of format 1: none.
/// Errors: those of FileReader::open.
Result<SourcePositions> read_source_positions(const std::filesystem::path& path, FileLayer* layer = nullptr);

}  // namespace towl

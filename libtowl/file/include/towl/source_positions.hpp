// read_source_positions() says how far each source had been read when the last entry of a file was stored.
#pragma once

#include <filesystem>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/result.hpp"
#include "towl/source_position.hpp"

namespace towl {

struct SourcePositions {
  /// The last position of each source that the file's frames name, except for forgotten ones.
  std::vector<SourcePosition> positions;
  bool has_entries = false;
  /// Some frames could not be read, or a repair gave them up: positions may be missing or old.
  bool incomplete = false;
};

/// Reads all frames with positions, up to the end of what is whole. A writer puts all positions that it knows into the
/// first frame of each file, so the newest file with entries has them all. A file of format 1 has none.
/// Errors: those of FileReader::open.
Result<SourcePositions> read_source_positions(const std::filesystem::path& path, FileLayer* layer = nullptr);

}  // namespace towl

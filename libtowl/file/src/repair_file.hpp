// The part of repair() that only format 2 has.
#pragma once

#include <filesystem>
#include <optional>

#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/recover.hpp"

namespace towl::detail::v2 {

/// Rewrites the file from what can be read of it, and takes from `copy` what that has of the rest; gaps stand for what
/// is lost. Nothing is changed if the file `is_whole` and the copy has nothing that it lacks.
Result<void> repair_frames(FileLayer& layer, const std::filesystem::path& path, File& file,
                           std::optional<FileReader> copy, bool is_whole, RepairReport& report);

}  // namespace towl::detail::v2

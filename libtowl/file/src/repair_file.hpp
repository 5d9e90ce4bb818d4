// The part of repair() that only format 2 has.
#pragma once

#include <filesystem>
#include <optional>

#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/recover.hpp"

namespace towl::detail::v2 {

/// Makes the file anew from what can be read of it, and from `copy` what it has of the rest; with gaps for what is
/// lost. Nothing is changed where it `is_whole` and the copy has nothing that is lost in it.
Result<void> repair_frames(FileLayer& layer, const std::filesystem::path& path, File& file,
                           std::optional<FileReader> copy, bool is_whole, RepairReport& report);

}  // namespace towl::detail::v2

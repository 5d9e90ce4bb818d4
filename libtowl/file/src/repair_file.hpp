// The part of repair() that only format 2 has.
#pragma once

#include <filesystem>

#include "towl/file_layer.hpp"
#include "towl/recover.hpp"

namespace towl::detail::v2 {

/// Makes the file anew from what can be read of it, with gaps for what cannot.
Result<void> repair_frames(FileLayer& layer, const std::filesystem::path& path, File& file, RepairReport& report);

}  // namespace towl::detail::v2

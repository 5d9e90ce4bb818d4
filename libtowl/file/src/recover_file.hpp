// recover() of each format, for an open file whose header was read.
#pragma once

#include <filesystem>

#include "towl/file_layer.hpp"
#include "towl/recover.hpp"

namespace towl::detail {

namespace v1 {
Result<RecoverReport> recover(FileLayer& layer, const std::filesystem::path& path, File& file, const Header& header);
}

namespace v2 {
/// Reads from the newest index slot on, not from the file's beginning.
Result<RecoverReport> recover(FileLayer& layer, const std::filesystem::path& path, File& file, const Header& header);
}  // namespace v2

}  // namespace towl::detail

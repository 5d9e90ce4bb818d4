// table lays out rows of cells.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace towlctl {

/// Columns as wide as their widest cell; those in [first_right, end_right) are numbers, aligned to the right.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t first_right, std::size_t end_right);

}  // namespace towlctl

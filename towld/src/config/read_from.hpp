// ReadFrom says where reading begins if there is no position yet.
#pragma once

#include "config/name_table.hpp"

namespace towld {

enum class ReadFrom { beginning, end };

inline constexpr Names<ReadFrom, 2> kReadFrom = {{{"beginning", ReadFrom::beginning}, {"end", ReadFrom::end}}};

}  // namespace towld

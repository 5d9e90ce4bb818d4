// The labels of a Loki stream, as text: {app="shop", level="error"}.
//
// Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/result.hpp"

namespace towld {

using Labels = std::vector<std::pair<std::string, std::string>>;

/// Errors: invalid_argument.
towl::Result<Labels> parse_labels(std::string_view text);

}  // namespace towld

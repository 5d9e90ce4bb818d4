// Which patterns are plain text.
#pragma once

#include <string_view>

namespace towl::detail {

/// Whether a regular expression means just its own bytes.
inline bool is_literal(std::string_view pattern) {
  return pattern.find_first_of("\\^$.|?*+()[]{}") == std::string_view::npos;
}

}  // namespace towl::detail

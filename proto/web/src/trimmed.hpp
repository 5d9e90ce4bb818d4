// Lines of headers and of settings without what stands around them.
#pragma once

#include <string_view>

namespace towl::web {

/// `text` without blanks before it, and without blanks, line ends and control characters after it.
inline std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

}  // namespace towl::web

#include "tables/folder_name.hpp"

#include <xxhash.h>

#include <array>
#include <cstdio>

namespace towl {
namespace {

bool is_kept(char c) {
  const char lower = static_cast<char>(c | 0x20);
  const bool is_letter = lower >= 'a' && lower <= 'z' && static_cast<unsigned char>(c) < 0x80;
  return is_letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

}  // namespace

std::string folder_name(std::string_view text, std::size_t most) {
  if (text.empty()) return "+none";
  std::string name;
  for (const char c : text) {
    const bool is_hidden = name.empty() && (c == '.' || c == '_');
    if (is_kept(c) && !is_hidden) {
      name += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    name += '%';
    name += "0123456789ABCDEF"[byte >> 4];
    name += "0123456789ABCDEF"[byte & 15];
  }
  if (name.size() <= most) return name;
  std::array<char, 20> check{};
  const int length = std::snprintf(check.data(), check.size(), "%%%016llx",
                                   static_cast<unsigned long long>(XXH3_64bits(text.data(), text.size())));
  return name.substr(0, most - static_cast<std::size_t>(length)) + check.data();
}

}  // namespace towl

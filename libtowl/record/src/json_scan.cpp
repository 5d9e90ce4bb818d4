#include "json_scan.hpp"

#include <charconv>

namespace towl::detail {

std::optional<std::string> bytes_of(std::string_view json) {
  std::string bytes;
  bool good = true;
  each_element(json, [&](std::string_view element) {
    unsigned value = 256;
    const char* end = element.data() + element.size();
    const auto parsed = std::from_chars(element.data(), end, value);
    if (parsed.ec != std::errc() || parsed.ptr != end || value > 255) {
      good = false;
    } else if (good) {
      bytes += static_cast<char>(value);
    }
  });
  return good ? std::optional(std::move(bytes)) : std::nullopt;
}

}  // namespace towl::detail

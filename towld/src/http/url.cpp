#include "http/url.hpp"

#include <charconv>

namespace towld {

std::optional<std::string> decode_url(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else {
      unsigned value = 0;
      if (text.size() - i < 3) return std::nullopt;
      const char* digits = text.data() + i + 1;
      const auto parsed = std::from_chars(digits, digits + 2, value, 16);
      if (parsed.ec != std::errc() || parsed.ptr != digits + 2) return std::nullopt;
      decoded += static_cast<char>(value);
      i += 2;
    }
  }
  return decoded;
}

std::optional<std::map<std::string, std::string>> parse_query(std::string_view query) {
  std::map<std::string, std::string> values;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    auto name = decode_url(pair.substr(0, equals), true);
    auto value = decode_url(equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1), true);
    if (!name || !value) return std::nullopt;
    values.insert_or_assign(std::move(*name), std::move(*value));
  }
  return values;
}

}  // namespace towld

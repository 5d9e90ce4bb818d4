#include "towl/query/address.hpp"

#include <charconv>

namespace towl {
namespace {

constexpr std::string_view kScheme = "towl://";

bool read_whole(std::string_view text, std::uint64_t& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string uuid_text(const Uuid& uuid) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : uuid) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::optional<Uuid> read_uuid(std::string_view text) {
  Uuid uuid{};
  std::size_t digits = 0;
  for (const char c : text) {
    if (c == '-' && (digits == 8 || digits == 12 || digits == 16 || digits == 20)) continue;
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0 || digits == 2 * uuid.size()) return std::nullopt;
    uuid[digits / 2] = static_cast<std::uint8_t>(uuid[digits / 2] << 4 | digit);
    ++digits;
  }
  return digits == 2 * uuid.size() ? std::optional(uuid) : std::nullopt;
}

std::string address_text(const Header& header, Ordinal ordinal) {
  if (header.uuid == Uuid{}) return std::to_string(header.file_id) + ":" + std::to_string(ordinal);
  return std::string(kScheme) + uuid_text(header.uuid) + "/" + std::to_string(ordinal);
}

std::optional<Address> read_address(std::string_view text) {
  Address address;
  if (text.starts_with(kScheme)) text.remove_prefix(kScheme.size());
  const auto slash = text.find('/');
  const auto end = slash != std::string_view::npos ? slash : text.find(':');
  if (end == std::string_view::npos || !read_whole(text.substr(end + 1), address.ordinal)) return std::nullopt;
  if (slash == std::string_view::npos) {
    return read_whole(text.substr(0, end), address.file_id) ? std::optional(address) : std::nullopt;
  }
  address.uuid = read_uuid(text.substr(0, end));
  return address.uuid ? std::optional(address) : std::nullopt;
}

}  // namespace towl

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

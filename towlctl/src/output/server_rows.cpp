#include "output/server_rows.hpp"

#include <algorithm>
#include <charconv>
#include <string>

namespace towlctl {
namespace {

/// What append_json_text() makes of bytes that are not UTF-8: an array of their values. Anything else stays as it is.
std::string bytes_of(std::string_view json) {
  std::string bytes;
  std::size_t at = 1;
  while (at < json.size() && json[at] != ']') {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(json.data() + at, json.data() + json.size(), value);
    if (error != std::errc() || value > 255) return std::string(json);
    bytes += static_cast<char>(value);
    at = static_cast<std::size_t>(end - json.data());
    if (at < json.size() && json[at] == ',') ++at;
  }
  return bytes;
}

}  // namespace

towl::Result<void> ServerRows::add(std::string_view json) {
  const auto members = reader_.read(json);
  if (!members) return tl::unexpected(members.error());
  towl::TableRow row;
  for (const towl::JsonMember& member : *members) {
    const std::string name(member.name);
    if (std::find(table_.columns.begin(), table_.columns.end(), name) == table_.columns.end())
      table_.columns.push_back(name);
    const bool is_bytes = member.kind == towl::JsonKind::array;
    row.push_back(
        {name, is_bytes ? bytes_of(member.json) : std::string(member.text), member.kind == towl::JsonKind::number});
  }
  table_.rows.push_back(std::move(row));
  return {};
}

}  // namespace towlctl

#include "filenames.hpp"

#include <charconv>

namespace towl {

using detail::kFileSuffix;

std::string file_name(FileId file_id) { return std::to_string(file_id).append(kFileSuffix); }

std::optional<FileId> parse_file_name(std::string_view name) {
  if (!name.ends_with(kFileSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - kFileSuffix.size());
  FileId file_id = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), file_id);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  if (file_name(file_id) != name) return std::nullopt;
  return file_id;
}

namespace detail {

std::optional<FileId> parse_any_file_name(std::string_view name) {
  const std::size_t at = name.find(kFileSuffix);
  if (at == std::string_view::npos) return std::nullopt;
  const std::string_view rest = name.substr(at + kFileSuffix.size());
  if (!rest.empty() && rest.front() != '.') return std::nullopt;
  return parse_file_name(name.substr(0, at + kFileSuffix.size()));
}

bool is_unfinished(std::string_view name) {
  return name.ends_with(kUnfinishedSuffix) && parse_any_file_name(name).has_value();
}

}  // namespace detail
}  // namespace towl

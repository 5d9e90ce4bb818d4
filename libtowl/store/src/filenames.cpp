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
  if (file_name(file_id) != name || file_id > kMaxFileId) return std::nullopt;
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

bool is_foreign_file_name(std::string_view name) {
  if (!name.ends_with(kFileSuffix) || parse_file_name(name)) return false;
  const std::string_view digits = name.substr(0, name.size() - kFileSuffix.size());
  return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
}

Error foreign_name_error(const std::filesystem::path& path) {
  return {.code = ErrorCode::invalid_argument,
          .message = "not a file of this store: no file gets this number",
          .file = path.string()};
}

bool is_unfinished(std::string_view name) {
  if (!name.ends_with(kUnfinishedSuffix)) return false;
  return parse_any_file_name(name) || name.substr(0, name.size() - kUnfinishedSuffix.size()) == kClockName;
}

}  // namespace detail
}  // namespace towl

#include "outputs/durable_cursor.hpp"

#include <xxhash.h>

#include <array>
#include <charconv>

#include "limits/limits.hpp"
#include "towl/uuid.hpp"

namespace towld {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

constexpr std::string_view kMagic = "towl-cursor 1\n";
constexpr std::string_view kStoreFile = "store-file ";
constexpr std::string_view kNext = "next ";
constexpr std::string_view kOutput = "output ";
constexpr std::string_view kCheck = "check ";

std::string check_of(std::string_view text) {
  std::array<char, 17> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), XXH3_64bits(text.data(), text.size()), 16);
  return {digits.data(), end.ptr};
}

/// Takes `text` apart from its front.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}

  /// What follows `key` up to the end of the line.
  std::optional<std::string_view> after(std::string_view key) {
    const auto end = rest_.find('\n');
    if (!rest_.starts_with(key) || end == std::string_view::npos) return std::nullopt;
    const auto value = rest_.substr(key.size(), end - key.size());
    rest_.remove_prefix(end + 1);
    return value;
  }

  std::size_t left() const { return rest_.size(); }

 private:
  std::string_view rest_;
};

std::optional<std::uint64_t> number_of(std::string_view digits) {
  std::uint64_t value = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != digits.data() + digits.size()) return std::nullopt;
  return value;
}

/// A name of an output is no path.
std::string file_name_of(std::string_view name) {
  std::string file;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (byte | 0x20) >= 'a' && (byte | 0x20) <= 'z' && byte < 0x80;
    if (plain || (c >= '0' && c <= '9') || c == '-' || c == '_') {
      file += c;
    } else {
      file += '%';
      file += kHexDigits[byte >> 4];
      file += kHexDigits[byte & 15];
    }
  }
  if (file.size() > kMaxCursorNameBytes) file = file.substr(0, kMaxCursorNameBytes - 20) + "%" + check_of(name);
  return file + ".cursor";
}

}  // namespace

std::string format_cursor(const Cursor& cursor) {
  std::string text(kMagic);
  text.append(kStoreFile)
      .append(std::to_string(cursor.file_id))
      .append(" ")
      .append(towl::uuid_text(cursor.uuid))
      .append("\n");
  text.append(kNext).append(std::to_string(cursor.ordinal)).append("\n");
  text.append(kOutput).append(cursor.committed).append("\n");
  return text + std::string(kCheck) + check_of(text) + "\n";
}

towl::Result<Cursor> parse_cursor(std::string_view text) {
  const auto damaged = [](const char* what) {
    return towl::fail(towl::ErrorCode::corrupt, std::string("the output's cursor is damaged: ") + what);
  };
  Lines lines(text);
  if (!lines.after(kMagic.substr(0, kMagic.size() - 1))) return damaged("it does not begin like one");
  const auto file = lines.after(kStoreFile);
  const auto next = lines.after(kNext);
  const auto committed = lines.after(kOutput);
  const std::size_t checked = text.size() - lines.left();
  const auto check = lines.after(kCheck);
  if (!check || lines.left() != 0) return damaged("it is not whole");
  if (*check != check_of(text.substr(0, checked))) return damaged("its checksum does not fit");
  Cursor cursor;
  const auto blank = file ? file->find(' ') : std::string_view::npos;
  if (blank == std::string_view::npos || !next || !committed) return damaged("a line is missing");
  const auto file_id = number_of(file->substr(0, blank));
  const auto ordinal = number_of(*next);
  const auto uuid = towl::read_uuid(file->substr(blank + 1));
  if (!file_id || !ordinal || !uuid) return damaged("a number is none");
  cursor.uuid = *uuid;
  cursor.file_id = *file_id;
  cursor.ordinal = *ordinal;
  cursor.committed = *committed;
  return cursor;
}

DurableCursor::DurableCursor(const std::filesystem::path& folder, std::string_view name, towl::FileLayer& layer)
    : folder_(folder), path_(folder / file_name_of(name)), layer_(layer) {}

towl::Result<std::optional<Cursor>> DurableCursor::load() const {
  auto file = layer_.open(path_, towl::OpenMode::read);
  if (!file) {
    if (file.error().code == towl::ErrorCode::not_found) return std::nullopt;
    return towl::fail(std::move(file.error()));
  }
  const auto size = (*file)->size();
  if (!size) return towl::fail(size.error());
  if (*size > kMaxCursorBytes) return towl::fail(towl::ErrorCode::corrupt, "too long for a cursor", path_.string());
  std::string text(*size, '\0');
  const auto read = (*file)->read_at(0, text);
  if (!read) return towl::fail(read.error());
  text.resize(*read);
  auto cursor = parse_cursor(text);
  if (!cursor) return towl::fail(cursor.error().code, cursor.error().message, path_.string());
  return std::move(*cursor);
}

towl::Result<void> DurableCursor::save(const Cursor& cursor) {
  if (auto made = layer_.create_folder(folder_); !made) return made;
  const std::filesystem::path aside = path_.string() + ".new";
  // Left by a crash.
  if (auto removed = layer_.remove(aside); !removed && removed.error().code != towl::ErrorCode::not_found)
    return removed;
  auto file = layer_.open(aside, towl::OpenMode::create);
  if (!file) return towl::fail(std::move(file.error()));
  if (auto written = (*file)->write_at(0, format_cursor(cursor)); !written) return written;
  if (auto synced = (*file)->sync(); !synced) return synced;
  if (auto renamed = layer_.rename(aside, path_); !renamed) return renamed;
  return layer_.sync_folder(folder_);
}

}  // namespace towld

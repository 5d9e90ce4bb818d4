#include "inputs/http/journal_upload/export_reader.hpp"

#include <algorithm>
#include <cstdint>

namespace towld {
namespace {

constexpr std::size_t kLengthBytes = 8;

std::uint64_t little_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = kLengthBytes; i > 0; --i) value = value << 8 | static_cast<unsigned char>(bytes[i - 1]);
  return value;
}

}  // namespace

std::size_t whole_entries(std::string_view text) {
  std::size_t whole = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string_view::npos) break;
    const std::string_view line = text.substr(at, end - at);
    at = end + 1;
    if (line.empty()) {
      whole = at;
    } else if (line.find('=') == std::string_view::npos) {
      if (text.size() - at < kLengthBytes) break;
      const std::uint64_t length = little_endian(text.substr(at));
      at += kLengthBytes;
      if (length >= text.size() - at) break;  // Its newline is missing at least.
      at += static_cast<std::size_t>(length);
      if (text[at] == '\n') ++at;
    }
  }
  return whole;
}

towl::Result<const ExportReader::Fields*> ExportReader::next() {
  const auto wrong = [](const char* what) { return towl::fail(towl::ErrorCode::invalid_argument, what); };
  fields_.clear();
  while (!rest_.empty()) {
    const auto end = rest_.find('\n');
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(rest_.size(), line.size() + 1));
    if (line.empty()) {
      if (!fields_.empty()) return &fields_;
      continue;
    }
    const auto equals = line.find('=');
    if (equals != std::string_view::npos) {
      fields_.emplace_back(line.substr(0, equals), line.substr(equals + 1));
      continue;
    }
    if (rest_.size() < kLengthBytes) return wrong("a field has no length");
    const std::uint64_t length = little_endian(rest_);
    rest_.remove_prefix(kLengthBytes);
    if (length > rest_.size()) return wrong("a field is longer than what was sent");
    fields_.emplace_back(line, rest_.substr(0, static_cast<std::size_t>(length)));
    rest_.remove_prefix(static_cast<std::size_t>(length));
    if (rest_.starts_with('\n')) rest_.remove_prefix(1);
  }
  return fields_.empty() ? nullptr : &fields_;
}

}  // namespace towld

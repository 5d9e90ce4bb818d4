#include "inputs/file/file_position.hpp"

#include <charconv>

namespace towld {
namespace {

constexpr std::string_view kPrefix = "file/";
constexpr std::string_view kVersion = "2 ";

/// Takes a number and the character after it off `text`.
template <class T>
bool take_number(std::string_view& text, T& number, char end, int base = 10) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (parsed.ec != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(parsed.ptr - text.data()));
  if (!text.starts_with(end)) return false;
  text.remove_prefix(1);
  return true;
}

std::string hexadecimal(std::uint64_t number) {
  char digits[16];
  return {digits, std::to_chars(digits, digits + sizeof digits, number, 16).ptr};
}

std::string to_text(const Fingerprint& fingerprint) {
  return std::to_string(fingerprint.length) + ':' + hexadecimal(fingerprint.hash) + ' ';
}

bool take_fingerprint(std::string_view& text, Fingerprint& fingerprint) {
  return take_number(text, fingerprint.length, ':') && take_number(text, fingerprint.hash, ' ', 16);
}

}  // namespace

std::string to_text(const FilePosition& position) {
  std::string text(kVersion);
  text += std::to_string(position.offset) + ' ';
  text += to_text(position.fingerprint) + to_text(position.mark);
  text += std::to_string(position.ahead[0]) + ':' + std::to_string(position.ahead[1]) + ':' +
          std::to_string(position.ahead[2]) + ' ';
  text += std::to_string(position.born_ns) + ' ' + std::to_string(position.stored_s) + ' ';
  return text += position.path;
}

std::optional<FilePosition> parse_position(std::string_view text) {
  if (!text.starts_with(kVersion)) return std::nullopt;
  text.remove_prefix(kVersion.size());
  FilePosition position;
  const bool whole = take_number(text, position.offset, ' ') && take_fingerprint(text, position.fingerprint) &&
                     take_fingerprint(text, position.mark) && take_number(text, position.ahead[0], ':') &&
                     take_number(text, position.ahead[1], ':') && take_number(text, position.ahead[2], ' ') &&
                     take_number(text, position.born_ns, ' ') && take_number(text, position.stored_s, ' ');
  if (!whole || text.empty()) return std::nullopt;
  position.path = text;
  return position;
}

std::string source_of(const FileIdentity& identity) {
  return std::string(kPrefix) + std::to_string(identity.device) + ':' + std::to_string(identity.inode);
}

std::optional<FileIdentity> parse_source(std::string_view source) {
  if (!source.starts_with(kPrefix)) return std::nullopt;
  source.remove_prefix(kPrefix.size());
  FileIdentity identity;
  if (!take_number(source, identity.device, ':')) return std::nullopt;
  const auto parsed = std::from_chars(source.data(), source.data() + source.size(), identity.inode);
  if (parsed.ec != std::errc() || parsed.ptr != source.data() + source.size()) return std::nullopt;
  return identity;
}

}  // namespace towld

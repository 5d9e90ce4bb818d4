#include "inputs/file/text_decoder.hpp"

#include <cstdint>
#include <cstring>

namespace towld {
namespace {

char32_t unit_at(std::string_view bytes, std::size_t at, Encoding encoding) {
  const auto first = static_cast<unsigned char>(bytes[at]);
  const auto second = static_cast<unsigned char>(bytes[at + 1]);
  return encoding == Encoding::utf16le ? static_cast<char32_t>(first | second << 8)
                                       : static_cast<char32_t>(first << 8 | second);
}

void append_utf8(char32_t point, std::string& to) {
  const auto tail = [&](int shift) { to += static_cast<char>(0x80 | (point >> shift & 0x3F)); };
  if (point < 0x80) {
    to += static_cast<char>(point);
  } else if (point < 0x800) {
    to += static_cast<char>(0xC0 | point >> 6);
    tail(0);
  } else if (point < 0x10000) {
    to += static_cast<char>(0xE0 | point >> 12);
    tail(6);
    tail(0);
  } else {
    to += static_cast<char>(0xF0 | point >> 18);
    tail(12);
    tail(6);
    tail(0);
  }
}

void append_utf16(std::string_view bytes, Encoding encoding, std::string& to) {
  constexpr char32_t kReplacement = 0xFFFD;
  std::size_t at = 0;
  while (at + 1 < bytes.size()) {
    const char32_t unit = unit_at(bytes, at, encoding);
    at += 2;
    if (unit < 0xD800 || unit > 0xDFFF) {
      append_utf8(unit, to);
      continue;
    }
    const char32_t next = unit < 0xDC00 && at + 1 < bytes.size() ? unit_at(bytes, at, encoding) : 0;
    if (next < 0xDC00 || next > 0xDFFF) {
      append_utf8(kReplacement, to);
      continue;
    }
    at += 2;
    append_utf8(0x10000 + ((unit - 0xD800) << 10) + (next - 0xDC00), to);
  }
  if (at < bytes.size()) append_utf8(kReplacement, to);
}

}  // namespace

std::size_t find_line_feed(std::string_view bytes, Encoding encoding) {
  if (unit_bytes(encoding) == 1) return bytes.find('\n');
  const std::size_t low = encoding == Encoding::utf16le ? 0 : 1;  // where a unit has its low byte
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (at % 2 != low) continue;
    const std::size_t begin = at - low;
    if (begin + 1 >= bytes.size()) return std::string_view::npos;
    if (bytes[begin + 1 - low] == '\0') return begin;
  }
  return std::string_view::npos;
}

std::string_view without_carriage_return(std::string_view bytes, Encoding encoding) {
  const std::size_t unit = unit_bytes(encoding);
  if (bytes.size() < unit) return bytes;
  const std::size_t last = bytes.size() - unit;
  const char32_t code = unit == 1 ? static_cast<unsigned char>(bytes[last]) : unit_at(bytes, last, encoding);
  return code == U'\r' ? bytes.substr(0, last) : bytes;
}

ByteOrderMark find_byte_order_mark(std::string_view head, Encoding configured) {
  if (configured == Encoding::latin1) return {configured, 0};
  if (head.starts_with("\xEF\xBB\xBF")) return {Encoding::utf8, 3};
  if (head.starts_with("\xFF\xFE")) return {Encoding::utf16le, 2};
  if (head.starts_with("\xFE\xFF")) return {Encoding::utf16be, 2};
  return {configured, 0};
}

std::string_view to_utf8(std::string_view bytes, Encoding encoding, std::string& scratch) {
  if (encoding == Encoding::utf8) return bytes;
  scratch.clear();
  if (encoding == Encoding::latin1) {
    for (const char c : bytes) append_utf8(static_cast<unsigned char>(c), scratch);
  } else {
    append_utf16(bytes, encoding, scratch);
  }
  return scratch;
}

std::string_view cut_text(std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return text;
  std::size_t end = limit;
  // At most three bytes back: a text of broken characters is cut anywhere.
  for (int i = 0; i < 3 && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80; ++i) --end;
  if ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) end = limit;
  return text.substr(0, end);
}

}  // namespace towld

// UTF-8 (RFC 3629), for texts that may have any bytes.
#pragma once

#include <cstddef>
#include <string_view>

namespace towl::detail {

/// The length of the character at the front of `text`, which is not empty; 0 if it begins with none.
inline std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  // The second byte rules out overlong forms, surrogates, and code points above U+10FFFF.
  const unsigned low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  const unsigned high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  for (std::size_t i = 1; i < length; ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < (i == 1 ? low : 0x80U) || byte > (i == 1 ? high : 0xBFU)) return 0;
  }
  return length;
}

/// The character that ends at `end`, which is not 0; if there is none, one byte that belongs to no character.
inline std::string_view character_before(std::string_view text, std::size_t end) {
  for (std::size_t length = 1; length <= 4 && length <= end; ++length) {
    const std::string_view tail = text.substr(end - length, length);
    if (utf8_length(tail) == length) return tail;
    if ((static_cast<unsigned char>(tail.front()) & 0xC0) != 0x80) break;
  }
  return text.substr(end - 1, 1);
}

/// The character that begins at `begin`, before the end; one byte if there is none.
inline std::string_view character_at(std::string_view text, std::size_t begin) {
  const std::size_t length = utf8_length(text.substr(begin));
  return text.substr(begin, length == 0 ? 1 : length);
}

inline bool is_utf8_text(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

}  // namespace towl::detail

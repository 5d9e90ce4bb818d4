#include "output/text.hpp"

#include <array>
#include <cstdint>
#include <cstdio>

#include "towl/record/json_text.hpp"

namespace towlctl {
namespace {

bool is_ascii_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t' && c != '\n') || byte == 0x7F;
}

/// U+0080 to U+009F: C2 80 to C2 9F.
bool is_c1_at(std::string_view text, std::size_t at) {
  return text[at] == '\xC2' && at + 1 < text.size() && static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

/// Length of the valid UTF-8 character at `at`; 0 if there is none.
std::size_t character_bytes(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t length = lead < 0x80   ? 1
                             : lead < 0xC2 ? 0
                             : lead < 0xE0 ? 2
                             : lead < 0xF0 ? 3
                             : lead < 0xF5 ? 4
                                           : 0;
  return length > 0 && at + length <= text.size() && towl::is_utf8(text.substr(at, length)) ? length : 0;
}

}  // namespace

bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_ascii_control(text[i]) || is_c1_at(text, i)) return false;
  }
  return towl::is_utf8(text);
}

std::string escape_control(std::string_view text) {
  if (is_printable(text)) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = character_bytes(text, i);
    if (length > 0 && !is_ascii_control(text[i]) && !is_c1_at(text, i)) {
      out += text.substr(i, length);
      i += length;
      continue;
    }
    for (std::size_t end = i + (length > 0 ? length : 1); i < end; ++i) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\x%02x",
                    static_cast<unsigned>(static_cast<unsigned char>(text[i])));
      out += escape.data();
    }
  }
  return out;
}

std::string strip_ansi(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\t') {
      out += "        ";
    } else if (text[i] == '\x1b' && i + 1 < text.size() && text[i + 1] == '[') {
      std::size_t end = i + 2;
      while (end < text.size() && text[end] >= 0x20 && text[end] < 0x40) ++end;  // parameters
      if (end == text.size()) {
        out += text[i];
      } else {
        i = end;
      }
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string blob(std::size_t bytes) {
  constexpr std::array kUnits = {"B", "K", "M", "G"};
  if (bytes < 1024) return "[" + std::to_string(bytes) + "B blob data]";
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "[%.1f%s blob data]", value, kUnits[unit]);
  return text.data();
}

}  // namespace towlctl

#include "parse/json_text.hpp"

#include <simdjson.h>

#include <array>
#include <cstdio>

namespace towld {
namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

void append_escape(char c, std::string& to) {
  switch (c) {
    case '"':
      to += "\\\"";
      return;
    case '\\':
      to += "\\\\";
      return;
    case '\n':
      to += "\\n";
      return;
    case '\r':
      to += "\\r";
      return;
    case '\t':
      to += "\\t";
      return;
    default: {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
      to += escape.data();
    }
  }
}

void append_bytes(std::string_view bytes, std::string& to) {
  to += '[';
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0) to += ',';
    to += std::to_string(static_cast<unsigned char>(bytes[i]));
  }
  to += ']';
}

}  // namespace

void append_json_text(std::string_view text, std::string& to) {
  if (!simdjson::validate_utf8(text.data(), text.size())) return append_bytes(text, to);
  to += '"';
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && !needs_escape(text[end])) ++end;
    to.append(text, begin, end - begin);
    if (end < text.size()) append_escape(text[end++], to);
    begin = end;
  }
  to += '"';
}

}  // namespace towld

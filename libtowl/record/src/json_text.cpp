#include "towl/record/json_text.hpp"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "json_scan.hpp"

namespace towl {
namespace {

bool needs_escape(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '"' || c == '\\'; }

constexpr auto kIsPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t byte = 0x20; byte < 0x80; ++byte) plain[byte] = byte != '"' && byte != '\\';
  return plain;
}();

/// How many bytes at the front are ASCII and stand for themselves. Most values are short and only have such bytes.
/// Eight bytes at a time, this takes a fraction of the time that validating and looking at each byte takes.
std::size_t plain_bytes(std::string_view text) {
  constexpr std::uint64_t kOnes = 0x0101010101010101;
  constexpr std::uint64_t kHighs = 0x8080808080808080;
  const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  std::size_t i = 0;
  if constexpr (std::endian::native == std::endian::little) {
    for (; i + sizeof(std::uint64_t) <= text.size(); i += sizeof(std::uint64_t)) {
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + i, sizeof word);
      // A borrow may mark bytes after one that is rightly marked, never one before it.
      const std::uint64_t marked = (word & kHighs) | ((word - kOnes * 0x20) & ~word & kHighs) |
                                   zeros(word ^ (kOnes * '"')) | zeros(word ^ (kOnes * '\\'));
      if (marked != 0) return i + static_cast<std::size_t>(std::countr_zero(marked)) / 8;
    }
  }
  while (i < text.size() && kIsPlain[static_cast<unsigned char>(text[i])]) ++i;
  return i;
}

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

void append_string(std::string_view text, std::string& to) {
  to += '"';
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin + plain_bytes(text.substr(begin));
    while (end < text.size() && !needs_escape(text[end])) end += 1 + plain_bytes(text.substr(end + 1));
    to.append(text, begin, end - begin);
    if (end < text.size()) append_escape(text[end++], to);
    begin = end;
  }
  to += '"';
}

/// What systemd calls printable, given that it is UTF-8: no controls of C0 or C1 but tab and newline.
bool is_printable(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F) return false;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return false;
  }
  return true;
}

/// Appends `text` in quotes, if all of it is plain.
bool append_plain(std::string_view text, std::string& to) {
  if (plain_bytes(text) != text.size()) return false;
  const std::size_t begin = to.size();
  to.resize(begin + text.size() + 2);
  to[begin] = '"';
  text.copy(to.data() + begin + 1, text.size());
  to.back() = '"';
  return true;
}

/// Checks JSON strictly, byte by byte; for values that simdjson skips without a check.
class Checker {
 public:
  explicit Checker(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  bool is_value() {
    skip_space();
    if (!take_value(0)) return false;
    skip_space();
    return at_ == end_;
  }

 private:
  void skip_space() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r')) ++at_;
  }

  bool take(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  bool take_word(std::string_view word) {
    if (static_cast<std::size_t>(end_ - at_) < word.size() || std::string_view(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  bool take_string() {
    if (!take('"')) return false;
    for (;;) {
      at_ += plain_bytes({at_, static_cast<std::size_t>(end_ - at_)});
      if (at_ == end_) return false;
      const char c = *at_++;
      if (c == '"') return true;
      if (c == '\\' && !take_escape()) return false;
      if (static_cast<unsigned char>(c) < 0x20) return false;
    }
  }

  bool take_escape() {
    if (at_ == end_) return false;
    const char c = *at_++;
    if (c != 'u') return std::string_view("\"\\/bfnrt").find(c) != std::string_view::npos;
    if (end_ - at_ < 4) return false;
    for (int i = 0; i < 4; ++i, ++at_) {
      const bool is_hex = (*at_ >= '0' && *at_ <= '9') || (*at_ >= 'a' && *at_ <= 'f') || (*at_ >= 'A' && *at_ <= 'F');
      if (!is_hex) return false;
    }
    return true;
  }

  bool take_number() {
    const char* begin = at_;
    while (at_ != end_ && std::string_view("+-.0123456789eE").find(*at_) != std::string_view::npos) ++at_;
    return is_json_number({begin, static_cast<std::size_t>(at_ - begin)});
  }

  bool take_array(std::size_t depth) {
    skip_space();
    if (take(']')) return true;
    for (;;) {
      skip_space();
      if (!take_value(depth)) return false;
      skip_space();
      if (take(']')) return true;
      if (!take(',')) return false;
    }
  }

  bool take_object(std::size_t depth) {
    skip_space();
    if (take('}')) return true;
    for (;;) {
      skip_space();
      if (!take_string()) return false;
      skip_space();
      if (!take(':')) return false;
      skip_space();
      if (!take_value(depth)) return false;
      skip_space();
      if (take('}')) return true;
      if (!take(',')) return false;
    }
  }

  bool take_value(std::size_t depth) {
    if (at_ == end_) return false;
    switch (*at_) {
      case '"':
        return take_string();
      case '{':
        ++at_;
        return depth < kMaxJsonDepth && take_object(depth + 1);
      case '[':
        ++at_;
        return depth < kMaxJsonDepth && take_array(depth + 1);
      case 't':
        return take_word("true");
      case 'f':
        return take_word("false");
      case 'n':
        return take_word("null");
      default:
        return take_number();
    }
  }

  const char* at_;
  const char* end_;
};

}  // namespace

void append_json_text(std::string_view text, std::string& to) {
  if (append_plain(text, to)) return;
  if (!is_utf8(text)) return append_bytes(text, to);
  append_string(text, to);
}

void append_journal_text(std::string_view text, std::string& to) {
  if (!is_utf8(text) || !is_printable(text)) return append_bytes(text, to);
  append_string(text, to);
}

std::string_view valid_utf8(std::string_view text, std::string& memory) {
  if (is_utf8(text)) return text;
  memory.clear();
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    const bool is_character = i + length <= text.size() && is_utf8(text.substr(i, length));
    memory += is_character ? text.substr(i, length) : "\xEF\xBF\xBD";
    i += is_character ? length : 1;
  }
  return memory;
}

void append_json_name(std::string_view name, std::string& to) {
  if (append_plain(name, to)) return;
  if (is_utf8(name)) return append_string(name, to);
  std::string clean;
  // Every byte that is not ASCII: names are short and this is rare.
  for (const char c : name) {
    if (static_cast<unsigned char>(c) < 0x80) {
      clean += c;
    } else {
      clean += "\xEF\xBF\xBD";
    }
  }
  append_string(clean, to);
}

bool is_json_number(std::string_view text) {
  std::size_t at = 0;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    return at - begin;
  };
  const auto skip = [&](std::string_view any) {
    if (at >= text.size() || any.find(text[at]) == std::string_view::npos) return false;
    ++at;
    return true;
  };
  skip("-");
  if (!skip("0") && digits() == 0) return false;
  if (skip(".") && digits() == 0) return false;
  if (skip("eE")) {
    skip("+-");
    if (digits() == 0) return false;
  }
  return at == text.size();
}

bool is_json(std::string_view text) { return Checker(text).is_value() && is_utf8(text); }

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

void append_compact_json(std::string_view json, std::string& to) {
  detail::each_token(json, [&](std::string_view token) { to += token; });
}

void append_pretty_json(std::string_view json, std::size_t indent, std::string& to) {
  const auto line = [&] {
    to += '\n';
    to.append(indent, ' ');
  };
  bool opened = false;  // The last token was a bracket: an empty pair of them stays in one line.
  detail::each_token(json, [&](std::string_view token) {
    const char c = token.front();
    const bool closes = c == '}' || c == ']';
    if (closes) indent -= std::min<std::size_t>(indent, 2);
    if (opened != closes) line();
    opened = c == '{' || c == '[';
    if (opened) indent += 2;
    to += token;
    if (c == ':') to += ' ';
    if (c == ',') line();
  });
}

}  // namespace towl

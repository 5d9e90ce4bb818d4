// JSON texts: writes any bytes as a JSON value, tells whether a text is one, and lays values out. The one writer.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace towl {

/// Appends `text` as a JSON string (RFC 8259, 7); bytes that are not UTF-8 make it an array of byte values, as
/// systemd's journal JSON has it.
void append_json_text(std::string_view text, std::string& to);

/// The same, but control characters other than tab and newline also lead to an array: exactly what `journalctl -o
/// json` writes.
void append_journal_text(std::string_view text, std::string& to);

/// Appends `name` as a JSON string, since a member's name must be one: bytes that are not UTF-8 become U+FFFD.
void append_json_name(std::string_view name, std::string& to);

/// Deeper values are not taken for JSON: readers give up at some depth (simdjson at 1,024), and no log goes so deep.
inline constexpr std::size_t kMaxJsonDepth = 100;

/// True if `text` is one JSON value (RFC 8259), not too deep, with nothing but space around it. Numbers may be of
/// any size, strings may have halves of characters as escapes.
bool is_json(std::string_view text);

/// True for a number as JSON writes it (RFC 8259, 6).
bool is_json_number(std::string_view text);

/// Valid UTF-8 (RFC 3629).
bool is_utf8(std::string_view text);

/// `text` if it is UTF-8; else a copy in `memory`, with U+FFFD for each byte that is not.
std::string_view valid_utf8(std::string_view text, std::string& memory);

/// Appends `json`, one JSON value, without the space between its tokens. Strings and numbers stay byte for byte.
void append_compact_json(std::string_view json, std::string& to);

/// Appends `json`, one JSON value, a member or element a line, `indent` blanks deep and two more a level. Strings and
/// numbers stay byte for byte.
void append_pretty_json(std::string_view json, std::size_t indent, std::string& to);

}  // namespace towl

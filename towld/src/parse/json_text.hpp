// JSON texts: what any bytes are as a JSON value, and what is one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace towld {

/// Appends `text` as a JSON string (RFC 8259, 7); where it is not UTF-8, as an array of byte values, as systemd's
/// journal JSON has it.
void append_json_text(std::string_view text, std::string& to);

/// The same with control characters other than tab and newline also leading to an array: exactly what `journalctl -o
/// json` writes.
void append_journal_text(std::string_view text, std::string& to);

/// Appends `name` as a JSON string, which alone can be a member's name: bytes that are not UTF-8 become U+FFFD.
void append_json_name(std::string_view name, std::string& to);

/// Deeper values are not taken for JSON: readers give up at some depth (simdjson at 1,024), and no log goes so deep.
inline constexpr std::size_t kMaxJsonDepth = 100;

/// True where `text` is one JSON value, not too deep, and nothing else.
bool is_json(std::string_view text);

/// True for a number as JSON writes it (RFC 8259, 6).
bool is_json_number(std::string_view text);

}  // namespace towld

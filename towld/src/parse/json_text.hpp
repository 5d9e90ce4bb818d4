// append_json_text writes a string of any bytes as a JSON value.
#pragma once

#include <string>
#include <string_view>

namespace towld {

/// Appends `text` as a JSON string (RFC 8259, 7); where it is not UTF-8, as an array of byte values, as systemd's
/// journal JSON has it.
void append_json_text(std::string_view text, std::string& to);

}  // namespace towld

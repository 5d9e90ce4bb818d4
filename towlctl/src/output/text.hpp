// Makes text of unknown origin safe for a terminal or a document.
#pragma once

#include <string>
#include <string_view>

#include "towl/record/json_text.hpp"

namespace towlctl {

/// Valid UTF-8 without control characters other than tab and newline: what journalctl prints as it is.
bool is_printable(std::string_view text);

/// `text` with control characters (C0 except tab and newline, DEL, C1) and bytes that are not UTF-8 as \xNN.
std::string escape_control(std::string_view text);

using towl::valid_utf8;

/// `text` without ANSI escape sequences (ECMA-48 CSI), tabs as eight spaces: as journalctl shortens messages.
std::string strip_ansi(std::string_view text);

/// "[42B blob data]", as journalctl shows what it does not print.
std::string blob(std::size_t bytes);

}  // namespace towlctl

// Text as files have it: where lines end, and how their bytes become UTF-8.
//
// Broken UTF-16 becomes U+FFFD. UTF-8 is left as it is, broken or not. Pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "inputs/file/file_config.hpp"

namespace towld {

/// Bytes of one code unit: a line never ends in the middle of one.
inline std::size_t unit_bytes(Encoding encoding) {
  return encoding == Encoding::utf16le || encoding == Encoding::utf16be ? 2 : 1;
}

/// Where the first line feed of `bytes` begins, or npos. `bytes` begins with a whole code unit.
std::size_t find_line_feed(std::string_view bytes, Encoding encoding);

/// `bytes` without the carriage return at their end, if there is one.
std::string_view without_carriage_return(std::string_view bytes, Encoding encoding);

/// The encoding that a byte order mark at the file's beginning says, and its length; without one `configured` and 0.
struct ByteOrderMark {
  Encoding encoding;
  std::size_t bytes;
};
ByteOrderMark find_byte_order_mark(std::string_view head, Encoding configured);

/// The text in UTF-8: `bytes` themselves if they are, else made in `scratch`.
std::string_view to_utf8(std::string_view bytes, Encoding encoding, std::string& scratch);

/// `text` cut to at most `limit` bytes, not within a character.
std::string_view cut_text(std::string_view text, std::size_t limit);

}  // namespace towld

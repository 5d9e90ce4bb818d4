// A name of a folder that clients chose: it never leads out of where it stands, and has a bounded length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace towl {

/// [A-Za-z0-9._-] stay, other bytes are %XX, and so is a "." or "_" at the beginning: Spark, Hive and Arrow take folders
/// with such names for hidden, and what is in them would be missing without a word. "" becomes "+none": no other name
/// begins with "+". What is longer than `most` bytes, at least 32, is cut, and ends with a checksum, so that two names
/// do not become one.
std::string folder_name(std::string_view text, std::size_t most);

}  // namespace towl

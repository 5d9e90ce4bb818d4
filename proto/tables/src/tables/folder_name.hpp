// Makes a folder name from a text that clients chose. It never leads out of its parent folder; its length is bounded.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace towl {

/// [A-Za-z0-9._-] stay, other bytes are %XX, and so is a "." or "_" at the beginning: Spark, Hive and Arrow hide such
/// folders, and their files would be missing without a warning. "" becomes "+none": no other name begins with "+". A
/// name longer than `most` bytes, at least 32, is cut and ends with a checksum, so that two names do not become the
/// same.
std::string folder_name(std::string_view text, std::size_t most);

}  // namespace towl

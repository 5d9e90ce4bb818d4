// cut_draft makes a draft small enough to be stored, largest parts first, so that it still says what it is: its level,
// time, host and unit stay, and so do all fields that are small.
//
// Pure; any thread.
#pragma once

#include <cstddef>
#include <string_view>

#include "parse/draft.hpp"

namespace towld {

/// Cuts until the stored form has about `limit` bytes at most. A field that is text keeps its beginning, another one is
/// left out; the field TOWL_CUT names them, with their lengths. A text that is cut has its length in
/// TOWL_ORIGINAL_BYTES.
void cut_draft(std::size_t limit, Draft& draft);

/// At most `bytes`, and not within a character of UTF-8: a part of one would make all of the text an array of bytes.
std::size_t cut_length(std::string_view text, std::size_t bytes);

}  // namespace towld

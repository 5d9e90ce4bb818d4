// The structured data of RFC 5424, 6.3: [ID PARAM="VALUE" …]…
//
// Pure and linear; values are unescaped where they are stored.
#pragma once

#include <cstddef>
#include <string_view>

#include "parse/draft.hpp"

namespace towld {

/// How many bytes at the beginning of `text` are well-formed elements that a blank or the end follows; 0: none.
std::size_t structured_data_bytes(std::string_view text);

/// Of well-formed elements; one without parameters counts as one.
std::size_t count_parameters(std::string_view elements);

/// Adds the first `most` parameters as fields, named as syslog_message.hpp says.
void set_structured_data(std::string_view elements, std::size_t most, Draft& draft);

}  // namespace towld

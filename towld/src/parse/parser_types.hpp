// The table of parsers.
#pragma once

#include <span>

#include "parse/parser_type.hpp"

namespace towld {

/// All parsers, in the order in which they are listed to users.
std::span<const ParserType* const> parser_types();

}  // namespace towld

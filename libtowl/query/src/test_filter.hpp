// What the filter of a test looks for first.
#pragma once

#include <string_view>

#include "literal_search.hpp"
#include "towl/query/expression.hpp"

namespace towl::detail {

/// One of these is in the stored text of each entry that passes, except for entries with fields that
/// may_read_otherwise(). If there are none, nothing is known.
Literals literals_for(const Field& field, const Test& test);

/// Whether JSON writes no part of `literal` with a backslash, except as the code of a character: \u0041.
bool is_never_escaped(std::string_view literal);

}  // namespace towl::detail

// What of a query's WHERE the query engine can look for itself, before DuckDB sees a row: DuckDB's C API hands no filters to
// table functions, but tells what a statement is made of (json_serialize_sql).
//
// Never too much: entries that the WHERE wants are all among those of the expression; DuckDB tests them again.
#pragma once

#include <string_view>

#include "towl/query/expression.hpp"

namespace towlctl {

/// `serialized` is what json_serialize_sql() gave. Of one SELECT from the table logs alone, the parts of its WHERE that all
/// have to hold: message LIKE '%text%', level = 'name', sender = 'name'. Everything, where there are none.
towl::Expression pushed_filters(std::string_view serialized);

}  // namespace towlctl

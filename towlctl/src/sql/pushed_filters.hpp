// What of a query's WHERE the query engine can look for itself, before DuckDB sees a row: DuckDB's C API hands no filters to
// table functions, but tells what a statement is made of (json_serialize_sql).
//
// Never too much: entries that the WHERE wants are all among those of the expression; DuckDB tests them again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "towl/query/expression.hpp"

namespace towlctl {

/// What an SQL expression without columns is as a number, nullopt where DuckDB has none for it. It is given as a serialized
/// statement that selects it, and with what it is to become one: `epoch_us(CAST(… AS TIMESTAMPTZ))`, say, with `?` for it.
/// Whoever gives it sees to it that `now()` is the same in the query.
using ConstantOf =
    std::function<std::optional<std::int64_t>(const std::string& statement, std::string_view conversion)>;

/// `serialized` is what json_serialize_sql() gave. Of one SELECT from the table logs alone, and without a subquery, the parts
/// of its WHERE that all have to hold, and that are made of these, with OR too:
///
///     time, received        <, <=, =, >=, >, BETWEEN and what is constant: now() - INTERVAL 1 DAY, today(), '2026-01-17'
///     time_ns, received_ns  the same and whole numbers
///     level, sender, title, file_uuid      = and IN
///     file_id               = a number
///     message               LIKE '%text%', LIKE 'text%', contains(), starts_with(), =
///
/// Everything, where there are none.
towl::Expression pushed_filters(std::string_view serialized, const ConstantOf& constant_of);

}  // namespace towlctl

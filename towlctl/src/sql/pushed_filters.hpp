// The part of a query's WHERE that the query engine can apply itself, before DuckDB sees a row. DuckDB's C API hands no
// filters to table functions, but it can say what a statement is made of (json_serialize_sql).
//
// Nothing is lost: the expression finds every entry that the WHERE wants, and DuckDB tests them again.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "towl/query/expression.hpp"

namespace towlctl {

/// An SQL expression without columns as a number; nullopt if DuckDB has none for it. The expression is given as a
/// serialized statement that selects it, with its conversion: `epoch_us(CAST(… AS TIMESTAMPTZ))`, say, with `?` for
/// it. The function must make sure that `now()` is the same in the query.
using ConstantOf =
    std::function<std::optional<std::int64_t>(const std::string& statement, std::string_view conversion)>;

/// `serialized` is what json_serialize_sql() gave. For one SELECT from only the table logs, without a subquery: the
/// parts of its WHERE that all have to hold, and that are made of these, with OR too:
///
///     time, received        <, <=, =, >=, >, BETWEEN and what is constant: now() - INTERVAL 1 DAY, today(), '2026-01-17'
///     time_ns, received_ns  the same and whole numbers
///     level, sender, title, file_uuid      = and IN
///     file_id               = a number
///     message               LIKE '%text%', LIKE 'text%', contains(), starts_with(), =
///
/// Everything, if there are none.
towl::Expression pushed_filters(std::string_view serialized, const ConstantOf& constant_of);

}  // namespace towlctl

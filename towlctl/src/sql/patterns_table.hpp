// The table that SQL sees of patterns, as a table function of DuckDB:
//
//   towl_patterns(new_since := T)     what `towlctl patterns` tells of the command line's selection
//
// Columns: count, example (an entry's address), pattern. All is read when the first row is asked for, by the threads of the
// table; what its memory does not hold, and what cannot be read, is told as a loss. Text that is not UTF-8 has U+FFFD in its place.
#pragma once

#include "sql/logs_table.hpp"

namespace towlctl {

/// Errors: io, where DuckDB does not take the function. `table` must outlive the connection.
towl::Result<void> register_patterns(duckdb::Connection connection, LogsTable& table);

}  // namespace towlctl

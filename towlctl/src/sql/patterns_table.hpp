// The table of patterns in SQL, as a table function of DuckDB:
//
//   towl_patterns(new_since := T)     what `towlctl patterns` says of the command line's selection
//
// Columns: count, example (an entry's address), pattern. The table's threads read all when the first row is asked for.
// What does not fit its memory, or cannot be read, is reported as a loss. U+FFFD replaces text that is not UTF-8.
#pragma once

#include "sql/logs_table.hpp"

namespace towlctl {

/// Errors: io, if DuckDB does not take the function. `table` must outlive the connection.
towl::Result<void> register_patterns(duckdb::Connection connection, LogsTable& table);

}  // namespace towlctl

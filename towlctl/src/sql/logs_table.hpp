// The tables of entries in SQL, as table functions of DuckDB.
//
//   towl_logs()                       what the command line selects; the view `logs` is made of it
//   read_towl(PATTERN, since := T, until := T)   the files that a shell pattern names
//
// Columns: kLogsColumns. Only the columns that a query uses are read, and files and frames outside of the time range
// are skipped. U+FFFD replaces text that is not UTF-8: DuckDB's text is UTF-8.
#pragma once

#include <array>
#include <string_view>

#include "sql/logs_scan.hpp"
#include "tables/duckdb_api.hpp"

namespace towlctl {

namespace duckdb = towl::duckdb;

/// What both functions need, for as long as there is a connection.
struct LogsTable {
  const duckdb::DuckDbApi* api = nullptr;
  LogsSelection selection = {};  ///< Of towl_logs().
  LogsLosses losses = {};
  unsigned threads = 1;
};

/// Errors: io, if DuckDB does not take a function. `table` must outlive the connection.
towl::Result<void> register_logs(duckdb::Connection connection, LogsTable& table);

}  // namespace towlctl

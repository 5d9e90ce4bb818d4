// SqlDatabase is a database in memory with the tables of a store: `logs`, `patterns` and `files`, and the
// functions read_towl() and towl_patterns().
//
// One thread at a time, except for interrupt(). What a query needs beyond its memory limit goes to a folder of its
// own under $TMPDIR, which is removed at the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sql/logs_scan.hpp"
#include "towl/result.hpp"

namespace towlctl {

struct SqlOptions {
  LogsSelection logs = {};
  unsigned threads = 1;
  std::string memory_limit = "512MiB";
};

/// A row of the result; nullopt is NULL.
using SqlRow = std::vector<std::optional<std::string>>;

/// Takes a result: its columns' names first, then its rows.
struct SqlSink {
  std::function<void(const std::vector<std::string>&)> columns;
  std::function<void(const SqlRow&)> row;
};

/// How COPY writes.
enum class SqlFileFormat { csv, json, ndjson, parquet };

class SqlDatabase {
 public:
  /// Loads DuckDB and makes the tables. Errors: those of duckdb::load(); invalid_argument for impossible options.
  static towl::Result<std::unique_ptr<SqlDatabase>> open(const SqlOptions& options);

  SqlDatabase(const SqlDatabase&) = delete;
  SqlDatabase& operator=(const SqlDatabase&) = delete;
  ~SqlDatabase();

  /// Runs one or more statements, and gives the result of the last one as text. Errors: invalid_argument with DuckDB's
  /// message, also if it was interrupted.
  towl::Result<void> run(const std::string& statements, const SqlSink& sink);

  /// The same, with the last one's result written to `path`, a file or what /proc/self/fd names. Errors: as run().
  towl::Result<void> copy(const std::string& statements, const std::filesystem::path& path, SqlFileFormat format);

  /// Ends the query that is running. Any thread.
  void interrupt();

  /// What could not be read of the files so far: one line each.
  std::vector<std::string> losses() const;

 private:
  SqlDatabase();
  struct State;
  class Narrowed;
  /// Runs all statements but the last one, and looks at what that one is.
  towl::Result<void> prepare(const std::vector<std::string>& statements);

  std::unique_ptr<State> state_;
};

}  // namespace towlctl

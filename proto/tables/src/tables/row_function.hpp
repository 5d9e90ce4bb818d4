// A table function of DuckDB whose rows a RowSource makes: one thread, in order, a vector's worth at a time, so that
// COPY (SELECT … FROM it) TO … keeps the order and needs no more memory than DuckDB's own.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "tables/duckdb_database.hpp"
#include "towl/result.hpp"

namespace towl {

struct RowColumn {
  const char* name;
  duckdb::Type type;  ///< varchar, bigint, ubigint or timestamp_tz
};

/// The row that is being made. Set each cell of it once.
class RowWriter {
 public:
  RowWriter(const duckdb::DuckDbApi& api, duckdb::Chunk chunk, std::size_t columns);

  /// Valid UTF-8.
  void text(std::size_t column, std::string_view text);
  /// A BIGINT, or microseconds since 1970 of a TIMESTAMPTZ.
  void number(std::size_t column, std::int64_t value);
  void null(std::size_t column);

  void next_row() { ++row_; }
  std::uint64_t rows() const { return row_; }

 private:
  struct Cells {
    duckdb::Vector vector;
    void* data;
    std::uint64_t* validity;
  };
  const duckdb::DuckDbApi& api_;
  std::vector<Cells> columns_;
  std::uint64_t row_ = 0;
};

class RowSource {
 public:
  virtual ~RowSource() = default;
  virtual std::span<const RowColumn> columns() const = 0;
  /// A query begins: from the first row.
  virtual Result<void> begin() = 0;
  /// Writes the next row; false, and nothing is written, at the end.
  virtual Result<bool> next(RowWriter& to) = 0;
};

/// `SELECT * FROM NAME()` gives the rows of `source`, which must outlive the database. Errors: io.
Result<void> register_rows(DuckDbDatabase& database, const char* name, RowSource& source);

}  // namespace towl

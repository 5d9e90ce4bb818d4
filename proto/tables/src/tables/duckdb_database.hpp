// DuckDbDatabase is a database of DuckDB with one connection, closed with its owner.
//
// One thread at a time. Errors: invalid_argument with DuckDB's message, unless another code is named; no_space if that
// message is about a full disk.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tables/duckdb_api.hpp"
#include "towl/result.hpp"

namespace towl {

class DuckDbDatabase {
 public:
  /// DuckDB's name of a setting, and its value: "threads", "memory_limit", "temp_directory" …
  using Settings = std::vector<std::pair<std::string, std::string>>;

  /// Opens `path`; ":memory:" is a database without a file. Errors: also those of duckdb::load().
  static Result<std::unique_ptr<DuckDbDatabase>> open(const std::string& path, const Settings& settings);

  DuckDbDatabase(const DuckDbDatabase&) = delete;
  DuckDbDatabase& operator=(const DuckDbDatabase&) = delete;
  ~DuckDbDatabase();

  /// Runs statements; their results are dropped.
  Result<void> execute(const std::string& statements);

  /// The first column of a query that gives texts; NULL is "".
  Result<std::vector<std::string>> texts(const std::string& query);

  /// The one value of a query that gives a BIGINT.
  Result<std::int64_t> number(const std::string& query);

  const duckdb::DuckDbApi& api() const { return api_; }
  duckdb::Connection connection() const { return connection_; }

 private:
  explicit DuckDbDatabase(const duckdb::DuckDbApi& api) : api_(api) {}
  template <class Take>
  Result<void> each_chunk(const std::string& query, Take take);

  const duckdb::DuckDbApi& api_;
  duckdb::Database database_ = nullptr;
  duckdb::Connection connection_ = nullptr;
};

namespace duckdb {

/// A result, destroyed with its owner.
class Answer {
 public:
  explicit Answer(const DuckDbApi& api) : api_(api) {}
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;
  ~Answer() { api_.destroy_result(&result_); }

  QueryResult& get() { return result_; }
  /// What went wrong, as DuckDB says it.
  Result<void> failed();

 private:
  const DuckDbApi& api_;
  QueryResult result_ = {};
};

/// The text in row `row` of a vector of VARCHAR; valid as long as its chunk.
std::string_view text_at(const void* data, Index row);

/// False for NULL. `validity` may be nullptr: none is NULL.
bool is_valid(const std::uint64_t* validity, Index row);

/// As an SQL text, in quotes.
std::string quoted_sql(std::string_view text);

}  // namespace duckdb
}  // namespace towl

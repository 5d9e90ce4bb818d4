// Pipeline makes the table that a query's pipes describe from entries.
//
// Memory: what sort, uniq, top and stats must keep is counted, and is at most `max_bytes`; more is an error, never an
//         inexact result.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "towl/query/language.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towl {

struct Cell {
  std::string name;
  std::string value;
  bool is_number = false;  ///< A number that a pipe made: it may be written without quotes.
};

/// A row's cells by name; each name once.
using TableRow = std::vector<Cell>;

struct Table {
  std::vector<std::string> columns;  ///< In the order in which rows have them.
  std::vector<TableRow> rows;
};

struct PipelineOptions {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::string setting = "--max-memory";  ///< The setting that raises this limit, for the error.
};

class Pipeline {
 public:
  explicit Pipeline(std::vector<Pipe> pipes, PipelineOptions options = {});
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  /// The parts of entries that a search must give for the pipes.
  Wanted wanted() const;

  /// Set if the pipes only count entries by something that is known without looking at each of them. It is for
  /// SearchOptions::count_by; the counts are then added in place of entries.
  std::optional<std::vector<CountBy>> count_by() const;
  Result<void> add(const EntryCount& counted);

  /// `count` pipelines, for one thread each, which share the limit of memory; merge() joins their results.
  /// Each entry is given to one of them, in any order; `order` is that of the search.
  /// nullopt: this is not possible, because the first pipe needs all entries in order.
  std::optional<std::vector<Pipeline>> parts(std::size_t count, Order order);
  /// Adds the result of a part, once all its entries were added. Errors: no_space.
  Result<void> merge(Pipeline part);

  /// False: enough, no further entry would change the table. Errors: no_space: more than `max_bytes` would be kept.
  Result<bool> add(const FoundEntry& entry);

  /// The table, after the last entry. Errors: as add().
  Result<Table> finish();

 private:
  class Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The entry's first value of a field, by its name in queries; "" if there is none. `_time` is RFC 3339 in UTC.
std::string value_of(const FoundEntry& entry, std::string_view field);

}  // namespace towl

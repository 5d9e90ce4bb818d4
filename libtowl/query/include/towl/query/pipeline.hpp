// Pipeline makes a table of entries: what a query's pipes say.
//
// Memory: what sort, uniq, top and stats must keep is counted, and is at most `max_bytes`; more is an error, never a result
//         that is not exact.
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

/// A row's cells by name; the same name once.
using TableRow = std::vector<Cell>;

struct Table {
  std::vector<std::string> columns;  ///< In the order in which rows have them.
  std::vector<TableRow> rows;
};

struct PipelineOptions {
  std::size_t max_bytes = std::size_t{64} << 20;
  std::string setting = "--max-memory";  ///< What raises that, for the error.
};

class Pipeline {
 public:
  explicit Pipeline(std::vector<Pipe> pipes, PipelineOptions options = {});
  Pipeline(Pipeline&&) noexcept;
  Pipeline& operator=(Pipeline&&) noexcept;
  ~Pipeline();

  /// What a search must give for the pipes.
  Wanted wanted() const;

  /// Where the pipes only count entries by what is told without looking at each: for SearchOptions::count_by, whose counts
  /// are then added in place of entries.
  std::optional<std::vector<CountBy>> count_by() const;
  Result<void> add(const EntryCount& counted);

  /// Where pipes can be made of parts of the entries, and of that the table of all: pipelines for one thread each, which share
  /// the limit of memory. `order`: the search's, whose entries they are given in any order, each to one of them. nullopt: the
  /// first pipe needs all entries in order.
  std::optional<std::vector<Pipeline>> parts(std::size_t count, Order order);
  /// Adds what a part made, once all its entries were added. Errors: no_space.
  Result<void> merge(Pipeline part);

  /// False: enough, nothing that follows would change the table. Errors: no_space: more than `max_bytes` would be kept.
  Result<bool> add(const FoundEntry& entry);

  /// The table, after the last entry. Errors: as add().
  Result<Table> finish();

 private:
  class Impl;
  explicit Pipeline(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

/// The entry's value of a field as a query names it: the first one; "" where there is none. `_time` is RFC 3339 in UTC.
std::string value_of(const FoundEntry& entry, std::string_view field);

}  // namespace towl

// make_table() asks files for the table that a query's pipes make of their entries, in the fastest way that there is: from what
// frames tell without their entries, else in several threads, each of which makes a part of the table.
//
// The table is the same however many threads there are.
#pragma once

#include <functional>
#include <vector>

#include "towl/query/language.hpp"
#include "towl/query/pipeline.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towl {

struct TableAnswer {
  Table table = {};
  /// `deadline`, `stopped`: not all was looked at, and the table is empty: figures of a part would look like those of all.
  SearchEnd::Reason end = SearchEnd::Reason::done;
};

/// Of `options`, `limit`, `wanted`, `count_by` and `takers` do not matter. `unread` is told, in the caller's thread, what could
/// not be read. Threads: any; those that it starts end with it. Errors: invalid_argument: a pattern that is none, or too large;
/// no_space: more than `limits` has would be kept.
Result<TableAnswer> make_table(const std::vector<SearchFile>& files, const Query& query, SearchOptions options,
                               const PipelineOptions& limits, const std::function<void(const Unread&)>& unread);

}  // namespace towl

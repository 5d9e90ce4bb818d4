// make_table() makes the table of a query's pipes from the entries of files, in the fastest possible way: from what
// frames say without their entries, or else in several threads, each of which makes a part of the table.
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
  /// `deadline`, `stopped`: not all was looked at. The table is empty: partial figures would look like complete ones.
  SearchEnd::Reason end = SearchEnd::Reason::done;
};

/// The `limit`, `wanted`, `count_by` and `takers` of `options` do not matter. `unread` is called, in the caller's
/// thread, with what could not be read. Threads: any; those that it starts end with it. Errors: invalid_argument: a
/// pattern that is invalid, or too large; no_space: more than `limits` allows would be kept.
Result<TableAnswer> make_table(const std::vector<SearchFile>& files, const Query& query, SearchOptions options,
                               const PipelineOptions& limits, const std::function<void(const Unread&)>& unread);

}  // namespace towl

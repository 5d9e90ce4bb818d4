// search_table() asks a query with pipes of files: what grep's and cat's readers are to entries, this is to tables.
//
// Cost:    pipes that begin with `stats` or `top` and only count, by levels, files or steps of time, take no entry out of its
//          frame: the threads of the search count by what frames and columns tell. All others look at each entry found.
// Threads: calls do not share anything.
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
  /// `done` where the table is of all entries that it needs. Else the table is empty: figures of a part would look like those
  /// of all.
  SearchEnd::Reason end = SearchEnd::Reason::done;
};

/// What could not be read is told to `unread`, in order, in the caller's thread. Of `options`, `limit`, `wanted` and
/// `count_by` do not matter. Errors: those of Search::create(); no_space: the pipes would keep more than
/// PipelineOptions::max_bytes.
Result<TableAnswer> search_table(const std::vector<SearchFile>& files, const Query& query, const PipelineOptions& pipes,
                                 SearchOptions options, const std::function<void(const Unread&)>& unread);

}  // namespace towl

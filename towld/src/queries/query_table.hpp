// table_of() answers a question with pipes, whichever door it comes through.
#pragma once

#include <cstdint>
#include <functional>

#include "queries/query_files.hpp"
#include "queries/query_limits.hpp"
#include "towl/query/table_search.hpp"
#include "towl/result.hpp"

namespace towld {

struct QueryTable {
  towl::TableAnswer answer = {};  ///< At most as many rows as were asked for.
  bool is_all = true;             ///< There are no more.
};

/// At most `most` rows. `options` as make_table() has them, and its errors; no_space names the configuration's key.
towl::Result<QueryTable> table_of(const QueryFiles& files, const towl::Query& query, std::uint64_t most,
                                  const QueryLimits& limits, const towl::SearchOptions& options,
                                  const std::function<void(const towl::Unread&)>& unread);

}  // namespace towld

#include "queries/query_table.hpp"

#include <utility>

namespace towld {

towl::Result<QueryTable> table_of(const QueryFiles& files, const towl::Query& query, std::uint64_t most,
                                  const QueryLimits& limits, const towl::SearchOptions& options,
                                  const std::function<void(const towl::Unread&)>& unread) {
  towl::Query bounded = query;
  // One more than is given tells whether that is all.
  bounded.pipes.emplace_back(towl::LimitPipe{.limit = most + 1});
  auto made = towl::make_table(files.files, bounded, options,
                               {.max_bytes = limits.memory, .setting = "query.max_memory of the collector"}, unread);
  if (!made) return towl::fail(std::move(made.error()));
  QueryTable table{.answer = std::move(*made)};
  auto& rows = table.answer.table.rows;
  table.is_all = rows.size() <= most;
  if (!table.is_all) rows.pop_back();
  return table;
}

}  // namespace towld

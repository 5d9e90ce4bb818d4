#include "sql/patterns_table.hpp"

#include <memory>
#include <string>

#include "files/file_layers.hpp"
#include "output/text.hpp"
#include "sql/table_function.hpp"
#include "towl/query/patterns.hpp"

namespace towlctl {
namespace {

using duckdb::Index;
using duckdb::Type;

enum PatternColumn : Index { kCount, kExample, kPattern };

struct BoundPatterns {
  LogsTable* table = nullptr;
  towl::PatternOptions options = {};
};

struct RunningPatterns {
  std::vector<Index> columns = {};
  std::vector<towl::EntryPattern> patterns = {};
  std::size_t next = 0;
};

void bind_patterns(duckdb::BindInfo info) {
  auto& table = *static_cast<LogsTable*>(duckdb_api().bind_extra_info(info));
  const auto new_since = time_of(info, "new_since");
  if (!new_since) return duckdb_api().bind_error(info, new_since.error().to_string().c_str());
  towl::FileLayer* layer = &file_layer();
  auto bound = std::make_unique<BoundPatterns>(
      BoundPatterns{&table, {.new_since = *new_since, .threads = table.threads, .layer = layer}});
  const LogsSelection& selection = table.selection;
  bound->options.since = selection.since.value_or(bound->options.since);
  bound->options.until = selection.until.value_or(bound->options.until);
  bound->options.expression = selection.expression;
  declare_column(info, "count", Type::ubigint);
  declare_column(info, "example", Type::varchar);
  declare_column(info, "pattern", Type::varchar);
  duckdb_api().set_bind_data(info, bound.release(), destroy_owned<BoundPatterns>);
}

void begin_patterns(duckdb::InitInfo info) {
  const auto& bound = *static_cast<const BoundPatterns*>(duckdb_api().init_bind_data(info));
  std::vector<towl::SearchFile> files;
  for (const auto& path : bound.table->selection.paths) files.push_back({.path = path});
  auto found = towl::find_patterns(files, bound.options);
  if (!found) return duckdb_api().init_error(info, found.error().to_string().c_str());
  for (const towl::Unread& unread : found->unread) bound.table->losses.add(unread.error);
  if (found->others > 0) {
    bound.table->losses.add({.code = towl::ErrorCode::no_space,
                             .message = std::to_string(found->others) +
                                        " entries have patterns that are not in the table: there are too many; give "
                                        "fewer files or a shorter time"});
  }
  auto running = std::make_unique<RunningPatterns>(RunningPatterns{.patterns = std::move(found->patterns)});
  for (Index i = 0; i < duckdb_api().init_column_count(info); ++i)
    running->columns.push_back(duckdb_api().init_column(info, i));
  duckdb_api().set_max_threads(info, 1);
  duckdb_api().set_init_data(info, running.release(), destroy_owned<RunningPatterns>);
}

void fill_patterns(duckdb::FunctionInfo info, duckdb::Chunk chunk) {
  const duckdb::DuckDbApi& api = duckdb_api();
  auto& running = *static_cast<RunningPatterns*>(api.function_init_data(info));
  const Index rows = std::min<Index>(api.vector_size(), running.patterns.size() - running.next);
  std::string memory;
  for (Index i = 0; i < running.columns.size(); ++i) {
    const auto vector = api.chunk_vector(chunk, i);
    for (Index row = 0; row < rows; ++row) {
      const towl::EntryPattern& pattern = running.patterns[running.next + row];
      if (running.columns[i] == kCount) {
        static_cast<std::uint64_t*>(api.vector_data(vector))[row] = pattern.count;
      } else if (running.columns[i] == kExample || running.columns[i] == kPattern) {
        const std::string_view text =
            running.columns[i] == kExample ? std::string_view(pattern.address) : valid_utf8(pattern.text, memory);
        api.assign_string(vector, row, text.data(), text.size());
      }
      // A column that DuckDB made up to count rows: it reads nothing from it.
    }
  }
  running.next += rows;
  api.set_chunk_size(chunk, rows);
}

}  // namespace

towl::Result<void> register_patterns(duckdb::Connection connection, LogsTable& table) {
  const duckdb::DuckDbApi& duck = *table.api;
  auto function = duck.create_table_function();
  duck.set_name(function, "towl_patterns");
  auto text = duck.create_type(Type::varchar);
  duck.add_named_parameter(function, "new_since", text);
  duck.destroy_type(&text);
  duck.set_extra_info(function, &table, nullptr);
  duck.set_bind(function, bind_patterns);
  duck.set_init(function, begin_patterns);
  duck.set_function(function, fill_patterns);
  duck.set_projection(function, true);
  const auto failed = duck.register_table_function(connection, function);
  duck.destroy_table_function(&function);
  if (failed == 0) return {};
  return towl::fail(towl::ErrorCode::io, "DuckDB does not take the table function towl_patterns");
}

}  // namespace towlctl

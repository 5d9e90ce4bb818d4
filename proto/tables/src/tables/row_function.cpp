#include "tables/row_function.hpp"

namespace towl {
namespace {

using duckdb::DuckDbApi;

/// DuckDB passes only handles to callbacks: the API is that of the process.
const DuckDbApi& api() { return **duckdb::load(); }

void bind(duckdb::BindInfo info) {
  auto* source = static_cast<RowSource*>(api().bind_extra_info(info));
  for (const RowColumn& column : source->columns()) {
    auto type = api().create_type(column.type);
    api().bind_column(info, column.name, type);
    api().destroy_type(&type);
  }
  api().set_bind_data(info, source, nullptr);
}

void begin(duckdb::InitInfo info) {
  auto* source = static_cast<RowSource*>(api().init_bind_data(info));
  api().set_max_threads(info, 1);
  if (auto begun = source->begin(); !begun) api().init_error(info, begun.error().to_string().c_str());
}

void fill(duckdb::FunctionInfo info, duckdb::Chunk chunk) {
  auto* source = static_cast<RowSource*>(api().function_bind_data(info));
  RowWriter writer(api(), chunk, source->columns().size());
  const duckdb::Index most = api().vector_size();
  while (writer.rows() < most) {
    const auto more = source->next(writer);
    if (!more) return api().function_error(info, more.error().to_string().c_str());
    if (!*more) break;
    writer.next_row();
  }
  api().set_chunk_size(chunk, writer.rows());
}

}  // namespace

RowWriter::RowWriter(const DuckDbApi& duck, duckdb::Chunk chunk, std::size_t columns) : api_(duck) {
  columns_.reserve(columns);
  for (std::size_t i = 0; i < columns; ++i) {
    const auto vector = duck.chunk_vector(chunk, i);
    duck.make_validity(vector);
    columns_.push_back({vector, duck.vector_data(vector), duck.vector_validity(vector)});
  }
}

void RowWriter::text(std::size_t column, std::string_view text) {
  api_.assign_string(columns_[column].vector, row_, text.data(), text.size());
}

void RowWriter::number(std::size_t column, std::int64_t value) {
  static_cast<std::int64_t*>(columns_[column].data)[row_] = value;
}

void RowWriter::null(std::size_t column) { columns_[column].validity[row_ / 64] &= ~(std::uint64_t{1} << (row_ % 64)); }

Result<void> register_rows(DuckDbDatabase& database, const char* name, RowSource& source) {
  const DuckDbApi& duck = database.api();
  auto function = duck.create_table_function();
  duck.set_name(function, name);
  duck.set_extra_info(function, &source, nullptr);
  duck.set_bind(function, bind);
  duck.set_init(function, begin);
  duck.set_function(function, fill);
  const auto failed = duck.register_table_function(database.connection(), function);
  duck.destroy_table_function(&function);
  if (failed == 0) return {};
  return fail(ErrorCode::io, std::string("DuckDB does not take the table function ") + name);
}

}  // namespace towl

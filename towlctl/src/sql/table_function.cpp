#include "sql/table_function.hpp"

#include "towl/record/time_expression.hpp"

namespace towlctl {

std::optional<std::string> text_of(duckdb::Value value) {
  if (value == nullptr) return std::nullopt;
  std::optional<std::string> text;
  if (!duckdb_api().is_null(value)) {
    char* said = duckdb_api().varchar_of(value);
    if (said != nullptr) text = said;
    duckdb_api().free(said);
  }
  duckdb_api().destroy_value(&value);
  return text;
}

towl::Result<std::optional<towl::Timestamp>> time_of(duckdb::BindInfo info, const char* parameter) {
  const auto text = text_of(duckdb_api().bind_named_parameter(info, parameter));
  if (!text) return std::nullopt;
  auto time = towl::parse_time_expression(*text, towl::now());
  if (!time) return tl::unexpected(time.error());
  return *time;
}

void declare_column(duckdb::BindInfo info, const char* name, duckdb::Type type) {
  auto made = duckdb_api().create_type(type);
  duckdb_api().bind_column(info, name, made);
  duckdb_api().destroy_type(&made);
}

}  // namespace towlctl

// What our table functions of DuckDB have in common: their parameters, and data that DuckDB keeps for them.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "tables/duckdb_api.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towlctl {

namespace duckdb = towl::duckdb;

/// DuckDB passes only handles to callbacks: the API is that of the process. Only if DuckDB was loaded.
inline const duckdb::DuckDbApi& duckdb_api() { return **duckdb::load(); }

/// For data that is given to DuckDB.
template <class T>
void destroy_owned(void* data) {
  const std::unique_ptr<T> owner(static_cast<T*>(data));
}

/// A parameter as text; its value is destroyed. nullopt if it is not given, or NULL.
std::optional<std::string> text_of(duckdb::Value value);

/// A named parameter as -S takes it; nullopt if it is not given. Errors: invalid_argument.
towl::Result<std::optional<towl::Timestamp>> time_of(duckdb::BindInfo info, const char* parameter);

/// Declares a column of the function.
void declare_column(duckdb::BindInfo info, const char* name, duckdb::Type type);

}  // namespace towlctl

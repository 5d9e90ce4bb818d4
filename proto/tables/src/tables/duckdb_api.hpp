// DuckDbApi is the part of DuckDB's C API (https://duckdb.org/docs/stable/clients/c/api) that is used here, loaded at
// run time. The programs are built without DuckDB. Only `towlctl sql`, exports to Parquet and DuckDB, and towld's
// outputs of type parquet need it to run.
//
// The types are DuckDB's, under our own names. The API is stable since its version 1.0. Tried with 1.5 and 2.0.
// Any thread, as DuckDB says for each function.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towl::duckdb {

using Index = std::uint64_t;
using State = int;  // duckdb_state: 0 is success

// Handles: pointers to what only DuckDB knows.
using Database = struct DatabaseTag*;
using Connection = struct ConnectionTag*;
using Config = struct ConfigTag*;
using Statement = struct StatementTag*;
using Chunk = struct ChunkTag*;
using Vector = struct VectorTag*;
using LogicalType = struct LogicalTypeTag*;
using Value = struct ValueTag*;
using TableFunction = struct TableFunctionTag*;
using BindInfo = struct BindInfoTag*;
using InitInfo = struct InitInfoTag*;
using FunctionInfo = struct FunctionInfoTag*;
using Selection = struct SelectionTag*;

/// duckdb_result: passed by value to fetch_chunk, so its size matters.
struct QueryResult {
  Index column_count = 0;
  Index row_count = 0;
  Index rows_changed = 0;
  void* columns = nullptr;
  char* error = nullptr;
  void* internal = nullptr;
};

/// duckdb_type, as far as used.
enum class Type : int { boolean = 1, bigint = 5, ubigint = 9, varchar = 17, timestamp_tz = 31 };

using Delete = void (*)(void*);

struct DuckDbApi {
  const char* (*library_version)();
  void (*free)(void*);

  State (*create_config)(Config*);
  State (*set_config)(Config, const char*, const char*);
  void (*destroy_config)(Config*);
  State (*open)(const char*, Database*, Config, char**);
  void (*close)(Database*);
  State (*connect)(Database, Connection*);
  void (*disconnect)(Connection*);
  void (*interrupt)(Connection);

  State (*query)(Connection, const char*, QueryResult*);
  State (*prepare)(Connection, const char*, Statement*);
  const char* (*prepare_error)(Statement);
  void (*destroy_prepare)(Statement*);
  State (*execute_streaming)(Statement, QueryResult*);
  void (*destroy_result)(QueryResult*);
  const char* (*result_error)(QueryResult*);
  Index (*column_count)(QueryResult*);
  const char* (*column_name)(QueryResult*, Index);
  Type (*column_type)(QueryResult*, Index);
  Chunk (*fetch_chunk)(QueryResult);
  void (*destroy_chunk)(Chunk*);
  Index (*chunk_size)(Chunk);
  void (*set_chunk_size)(Chunk, Index);
  Vector (*chunk_vector)(Chunk, Index);
  Index (*vector_size)();
  void* (*vector_data)(Vector);
  std::uint64_t* (*vector_validity)(Vector);
  void (*make_validity)(Vector);
  void (*assign_string)(Vector, Index, const char*, Index);

  // A vector whose rows are places in what it held before. All of these or none: since DuckDB 1.3.
  Selection (*create_selection)(Index);
  std::uint32_t* (*selection_data)(Selection);
  void (*slice_vector)(Vector, Selection, Index);
  void (*destroy_selection)(Selection);
  bool can_slice() const { return destroy_selection != nullptr; }

  LogicalType (*create_type)(Type);
  void (*destroy_type)(LogicalType*);
  char* (*varchar_of)(Value);
  bool (*is_null)(Value);
  void (*destroy_value)(Value*);

  TableFunction (*create_table_function)();
  void (*destroy_table_function)(TableFunction*);
  void (*set_name)(TableFunction, const char*);
  void (*add_parameter)(TableFunction, LogicalType);
  void (*add_named_parameter)(TableFunction, const char*, LogicalType);
  void (*set_extra_info)(TableFunction, void*, Delete);
  void (*set_bind)(TableFunction, void (*)(BindInfo));
  void (*set_init)(TableFunction, void (*)(InitInfo));
  void (*set_local_init)(TableFunction, void (*)(InitInfo));
  void (*set_function)(TableFunction, void (*)(FunctionInfo, Chunk));
  void (*set_projection)(TableFunction, bool);
  State (*register_table_function)(Connection, TableFunction);

  void* (*bind_extra_info)(BindInfo);
  void (*bind_column)(BindInfo, const char*, LogicalType);
  Value (*bind_parameter)(BindInfo, Index);
  Value (*bind_named_parameter)(BindInfo, const char*);
  void (*set_bind_data)(BindInfo, void*, Delete);
  void (*set_cardinality)(BindInfo, Index, bool);
  void (*bind_error)(BindInfo, const char*);

  void* (*init_bind_data)(InitInfo);
  Index (*init_column_count)(InitInfo);
  Index (*init_column)(InitInfo, Index);
  void (*set_init_data)(InitInfo, void*, Delete);
  void (*set_max_threads)(InitInfo, Index);
  void (*init_error)(InitInfo, const char*);

  void* (*function_bind_data)(FunctionInfo);
  void* (*function_init_data)(FunctionInfo);
  void* (*function_local_data)(FunctionInfo);
  void (*function_error)(FunctionInfo, const char*);
};

/// Where libduckdb.so is looked for, in this order: $TOWL_DUCKDB_LIB (and then nowhere else), next to the program
/// `program`, where scripts/install-duckdb puts it (~/.local/lib/towl), and where the loader looks.
std::vector<std::filesystem::path> library_paths(const std::filesystem::path& program);

/// Loads the library once; it stays until the process ends, and is the same for all. DuckDB passes only handles to
/// table functions, which then get their data with functions of the library. Errors: not_found, with what to do;
/// unsupported_version if it lacks a function.
Result<const DuckDbApi*> load();

}  // namespace towl::duckdb

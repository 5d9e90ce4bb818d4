#include "tables/duckdb_api.hpp"

#include <dlfcn.h>

#include <cstdlib>
#include <optional>

namespace towl::duckdb {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLibraryFile = "libduckdb.so";

/// Resolves names one after the other, and remembers the first that is missing.
class Symbols {
 public:
  explicit Symbols(void* library) : library_(library) {}

  template <class Function>
  void find(Function& function, const char* name) {
    if (!find_newer(function, name) && !missing_) missing_ = name;
  }

  /// False if the library does not have it; then it is nullptr.
  template <class Function>
  bool find_newer(Function& function, const char* name) {
    function = reinterpret_cast<Function>(dlsym(library_, name));  // As POSIX defines it for functions.
    return function != nullptr;
  }

  const std::optional<std::string>& missing() const { return missing_; }

 private:
  void* library_;
  std::optional<std::string> missing_;
};

void find_queries(DuckDbApi& api, Symbols& symbols) {
  symbols.find(api.library_version, "duckdb_library_version");
  symbols.find(api.free, "duckdb_free");
  symbols.find(api.create_config, "duckdb_create_config");
  symbols.find(api.set_config, "duckdb_set_config");
  symbols.find(api.destroy_config, "duckdb_destroy_config");
  symbols.find(api.open, "duckdb_open_ext");
  symbols.find(api.close, "duckdb_close");
  symbols.find(api.connect, "duckdb_connect");
  symbols.find(api.disconnect, "duckdb_disconnect");
  symbols.find(api.interrupt, "duckdb_interrupt");
  symbols.find(api.query, "duckdb_query");
  symbols.find(api.prepare, "duckdb_prepare");
  symbols.find(api.prepare_error, "duckdb_prepare_error");
  symbols.find(api.destroy_prepare, "duckdb_destroy_prepare");
  symbols.find(api.execute_streaming, "duckdb_execute_prepared_streaming");
  symbols.find(api.destroy_result, "duckdb_destroy_result");
  symbols.find(api.result_error, "duckdb_result_error");
  symbols.find(api.column_count, "duckdb_column_count");
  symbols.find(api.column_name, "duckdb_column_name");
  symbols.find(api.column_type, "duckdb_column_type");
  symbols.find(api.fetch_chunk, "duckdb_fetch_chunk");
  symbols.find(api.destroy_chunk, "duckdb_destroy_data_chunk");
  symbols.find(api.chunk_size, "duckdb_data_chunk_get_size");
  symbols.find(api.set_chunk_size, "duckdb_data_chunk_set_size");
  symbols.find(api.chunk_vector, "duckdb_data_chunk_get_vector");
  symbols.find(api.vector_size, "duckdb_vector_size");
  symbols.find(api.vector_data, "duckdb_vector_get_data");
  symbols.find(api.vector_validity, "duckdb_vector_get_validity");
  symbols.find(api.make_validity, "duckdb_vector_ensure_validity_writable");
  symbols.find(api.assign_string, "duckdb_vector_assign_string_element_len");
  const bool can_slice = symbols.find_newer(api.create_selection, "duckdb_create_selection_vector") &&
                         symbols.find_newer(api.selection_data, "duckdb_selection_vector_get_data_ptr") &&
                         symbols.find_newer(api.slice_vector, "duckdb_slice_vector") &&
                         symbols.find_newer(api.destroy_selection, "duckdb_destroy_selection_vector");
  if (!can_slice) api.destroy_selection = nullptr;
  symbols.find(api.create_type, "duckdb_create_logical_type");
  symbols.find(api.destroy_type, "duckdb_destroy_logical_type");
  symbols.find(api.varchar_of, "duckdb_get_varchar");
  symbols.find(api.is_null, "duckdb_is_null_value");
  symbols.find(api.destroy_value, "duckdb_destroy_value");
}

void find_table_functions(DuckDbApi& api, Symbols& symbols) {
  symbols.find(api.create_table_function, "duckdb_create_table_function");
  symbols.find(api.destroy_table_function, "duckdb_destroy_table_function");
  symbols.find(api.set_name, "duckdb_table_function_set_name");
  symbols.find(api.add_parameter, "duckdb_table_function_add_parameter");
  symbols.find(api.add_named_parameter, "duckdb_table_function_add_named_parameter");
  symbols.find(api.set_extra_info, "duckdb_table_function_set_extra_info");
  symbols.find(api.set_bind, "duckdb_table_function_set_bind");
  symbols.find(api.set_init, "duckdb_table_function_set_init");
  symbols.find(api.set_local_init, "duckdb_table_function_set_local_init");
  symbols.find(api.set_function, "duckdb_table_function_set_function");
  symbols.find(api.set_projection, "duckdb_table_function_supports_projection_pushdown");
  symbols.find(api.register_table_function, "duckdb_register_table_function");
  symbols.find(api.bind_extra_info, "duckdb_bind_get_extra_info");
  symbols.find(api.bind_column, "duckdb_bind_add_result_column");
  symbols.find(api.bind_parameter, "duckdb_bind_get_parameter");
  symbols.find(api.bind_named_parameter, "duckdb_bind_get_named_parameter");
  symbols.find(api.set_bind_data, "duckdb_bind_set_bind_data");
  symbols.find(api.set_cardinality, "duckdb_bind_set_cardinality");
  symbols.find(api.bind_error, "duckdb_bind_set_error");
  symbols.find(api.init_bind_data, "duckdb_init_get_bind_data");
  symbols.find(api.init_column_count, "duckdb_init_get_column_count");
  symbols.find(api.init_column, "duckdb_init_get_column_index");
  symbols.find(api.set_init_data, "duckdb_init_set_init_data");
  symbols.find(api.set_max_threads, "duckdb_init_set_max_threads");
  symbols.find(api.init_error, "duckdb_init_set_error");
  symbols.find(api.function_bind_data, "duckdb_function_get_bind_data");
  symbols.find(api.function_init_data, "duckdb_function_get_init_data");
  symbols.find(api.function_local_data, "duckdb_function_get_local_init_data");
  symbols.find(api.function_error, "duckdb_function_set_error");
}

towl::Result<DuckDbApi> load_from(const std::vector<fs::path>& paths) {
  void* library = nullptr;
  std::string why;
  for (const fs::path& path : paths) {
    std::error_code ignored;
    if (path.has_parent_path() && paths.size() > 1 && !fs::exists(path, ignored)) continue;
    library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    if (const char* said = dlerror(); said != nullptr && why.empty()) why = said;
  }
  if (library == nullptr) {
    return towl::fail(towl::ErrorCode::not_found,
                      "this needs DuckDB's library (" + why +
                          "): run scripts/install-duckdb of towl's sources, or name a libduckdb.so in "
                          "$TOWL_DUCKDB_LIB");
  }
  DuckDbApi api = {};
  Symbols symbols(library);
  find_queries(api, symbols);
  find_table_functions(api, symbols);
  if (!symbols.missing()) return api;
  return towl::fail(towl::ErrorCode::unsupported_version, "this library of DuckDB lacks " + *symbols.missing() +
                                                              ": run scripts/install-duckdb for one that fits");
}

}  // namespace

std::vector<fs::path> library_paths(const fs::path& program) {
  if (const char* named = std::getenv("TOWL_DUCKDB_LIB"); named != nullptr && *named != '\0') return {named};
  std::vector<fs::path> paths = {program.parent_path() / kLibraryFile};
  if (const char* home = std::getenv("HOME"); home != nullptr && *home != '\0') {
    paths.push_back(fs::path(home) / ".local/lib/towl" / kLibraryFile);
  }
  paths.push_back(program.parent_path().parent_path() / "lib/towl" / kLibraryFile);
  paths.emplace_back(kLibraryFile);
  return paths;
}

towl::Result<const DuckDbApi*> load() {
  std::error_code error;
  static const auto kApi = load_from(library_paths(fs::read_symlink("/proc/self/exe", error)));
  if (!kApi) return tl::unexpected(kApi.error());
  return &*kApi;
}

}  // namespace towl::duckdb

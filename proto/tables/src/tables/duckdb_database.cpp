#include "tables/duckdb_database.hpp"

#include <algorithm>
#include <cstring>

namespace towl {
namespace duckdb {

Result<void> Answer::failed() {
  const char* said = api_.result_error(&result_);
  const std::string message = said != nullptr && *said != '\0' ? said : "DuckDB does not say why";
  const bool is_full = message.find("No space left") != std::string::npos ||
                       message.find("Disk quota exceeded") != std::string::npos ||
                       message.find("max_temp_directory_size") != std::string::npos;
  return fail(is_full ? ErrorCode::no_space : ErrorCode::invalid_argument, message);
}

/// DuckDB's string_t: up to 12 bytes inside, else a pointer.
std::string_view text_at(const void* data, Index row) {
  struct Text {
    std::uint32_t length;
    char inlined[12];
  };
  const auto* text = static_cast<const Text*>(data) + row;
  if (text->length <= sizeof text->inlined) return {text->inlined, text->length};
  const char* pointer = nullptr;
  std::memcpy(&pointer, text->inlined + 4, sizeof pointer);
  return {pointer, text->length};
}

bool is_valid(const std::uint64_t* validity, Index row) {
  return validity == nullptr || (validity[row / 64] >> (row % 64) & 1) != 0;
}

std::string quoted_sql(std::string_view text) {
  std::string all = "'";
  for (const char c : text) {
    if (c == '\'') all += '\'';
    all += c;
  }
  return all + "'";
}

}  // namespace duckdb

Result<std::unique_ptr<DuckDbDatabase>> DuckDbDatabase::open(const std::string& path, const Settings& settings) {
  const auto loaded = duckdb::load();
  if (!loaded) return fail(loaded.error());
  std::unique_ptr<DuckDbDatabase> database(new DuckDbDatabase(**loaded));
  const duckdb::DuckDbApi& api = database->api_;
  duckdb::Config config = nullptr;
  if (api.create_config(&config) != 0) return fail(ErrorCode::io, "DuckDB does not start");
  for (const auto& [name, value] : settings) {
    if (api.set_config(config, name.c_str(), value.c_str()) == 0) continue;
    api.destroy_config(&config);
    return fail(ErrorCode::invalid_argument, "DuckDB does not take " + name + " = " + value);
  }
  char* why = nullptr;
  const auto failed = api.open(path.c_str(), &database->database_, config, &why);
  api.destroy_config(&config);
  if (failed != 0) {
    const std::string said = why != nullptr ? why : "DuckDB does not say why";
    api.free(why);
    return fail(ErrorCode::invalid_argument, said);
  }
  if (api.connect(database->database_, &database->connection_) != 0) {
    return fail(ErrorCode::io, "DuckDB does not connect");
  }
  return database;
}

DuckDbDatabase::~DuckDbDatabase() {
  if (connection_ != nullptr) api_.disconnect(&connection_);
  if (database_ != nullptr) api_.close(&database_);
}

Result<void> DuckDbDatabase::execute(const std::string& statements) {
  duckdb::Answer answer(api_);
  if (api_.query(connection_, statements.c_str(), &answer.get()) != 0) return answer.failed();
  return {};
}

template <class Take>
Result<void> DuckDbDatabase::each_chunk(const std::string& query, Take take) {
  duckdb::Answer answer(api_);
  if (api_.query(connection_, query.c_str(), &answer.get()) != 0) return answer.failed();
  while (duckdb::Chunk chunk = api_.fetch_chunk(answer.get())) {
    const auto vector = api_.chunk_vector(chunk, 0);
    take(api_.vector_data(vector), api_.vector_validity(vector), api_.chunk_size(chunk));
    api_.destroy_chunk(&chunk);
  }
  return {};
}

Result<std::vector<std::string>> DuckDbDatabase::texts(const std::string& query) {
  std::vector<std::string> all;
  auto done = each_chunk(query, [&](const void* data, const std::uint64_t* validity, duckdb::Index rows) {
    for (duckdb::Index row = 0; row < rows; ++row) {
      all.emplace_back(duckdb::is_valid(validity, row) ? duckdb::text_at(data, row) : std::string_view());
    }
  });
  if (!done) return fail(std::move(done.error()));
  return all;
}

Result<std::int64_t> DuckDbDatabase::number(const std::string& query) {
  std::int64_t number = 0;
  auto done = each_chunk(query, [&](const void* data, const std::uint64_t* validity, duckdb::Index rows) {
    if (rows > 0 && duckdb::is_valid(validity, 0)) number = *static_cast<const std::int64_t*>(data);
  });
  if (!done) return fail(std::move(done.error()));
  return number;
}

}  // namespace towl

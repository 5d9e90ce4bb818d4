#include "sql/sql_database.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "files/file_facts.hpp"
#include "sql/logs_table.hpp"
#include "sql/patterns_table.hpp"
#include "sql/pushed_filters.hpp"
#include "tables/duckdb_database.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;
using duckdb::Answer;
using duckdb::DuckDbApi;
using duckdb::text_at;

/// A statement, destroyed with its owner.
class Prepared {
 public:
  Prepared(const DuckDbApi& api, duckdb::Connection connection, const std::string& text) : api_(api) {
    ok_ = api_.prepare(connection, text.c_str(), &statement_) == 0;
  }
  Prepared(const Prepared&) = delete;
  Prepared& operator=(const Prepared&) = delete;
  ~Prepared() { api_.destroy_prepare(&statement_); }

  bool ok() const { return ok_; }
  std::string error() const {
    const char* said = api_.prepare_error(statement_);
    return said != nullptr ? said : "DuckDB does not say why";
  }
  duckdb::Statement get() const { return statement_; }

 private:
  const DuckDbApi& api_;
  duckdb::Statement statement_ = nullptr;
  bool ok_ = false;
};

/// The end of the text, quoted name or comment that begins at `at`: a `;` inside one of these ends no statement.
std::size_t end_of_quoted(std::string_view text, std::size_t at) {
  const auto after = [&](std::string_view close, std::size_t from) {
    const auto found = text.find(close, from);
    return found == std::string_view::npos ? text.size() : found + close.size();
  };
  const std::string_view rest = text.substr(at);
  if (rest.starts_with('\'') || rest.starts_with('"')) return after(rest.substr(0, 1), at + 1);
  if (rest.starts_with("--")) return after("\n", at);
  if (rest.starts_with("/*")) return after("*/", at + 2);
  if (rest.starts_with("$$")) return after("$$", at + 2);
  return at + 1;
}

/// The statements of a text, without the `;` that ends each. Blanks and comments alone are no statement.
std::vector<std::string> statements_of(std::string_view text) {
  std::vector<std::string> statements;
  std::size_t begin = 0;
  bool is_empty = true;
  const auto end_at = [&](std::size_t at) {
    if (!is_empty) statements.emplace_back(text.substr(begin, at - begin));
    begin = at + 1;
    is_empty = true;
  };
  for (std::size_t at = 0; at < text.size(); at = end_of_quoted(text, at)) {
    const std::string_view rest = text.substr(at);
    if (rest.front() == ';') {
      end_at(at);
    } else if (!rest.starts_with("--") && !rest.starts_with("/*") && rest.find_first_not_of(" \t\r\n") == 0) {
      is_empty = false;
    }
  }
  end_at(text.size());
  return statements;
}

std::string sql_text(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) literal += c == '\'' ? std::string("''") : std::string(1, c);
  return literal + "'";
}

std::string_view options_of(SqlFileFormat format) {
  switch (format) {
    case SqlFileFormat::csv:
      return "FORMAT csv, HEADER true";
    case SqlFileFormat::json:
      return "FORMAT json, ARRAY true";
    case SqlFileFormat::ndjson:
      return "FORMAT json";
    case SqlFileFormat::parquet:
      return "FORMAT parquet, COMPRESSION zstd";
  }
  return "";
}

std::string time_or_null(const std::optional<towl::Timestamp>& time) {
  return time ? "TIMESTAMPTZ " + sql_text(format_time(time)) : "NULL";
}

/// The statement that makes the table `files`.
std::string files_table(const std::vector<LogsFile>& files) {
  std::string sql =
      "CREATE TABLE files (file_uuid VARCHAR, file_id UBIGINT, org VARCHAR, title VARCHAR, state VARCHAR, entries "
      "UBIGINT, size UBIGINT, first TIMESTAMPTZ, last TIMESTAMPTZ, path VARCHAR)";
  std::string rows;
  std::string org;
  std::string title;
  for (const LogsFile& file : files) {
    const auto facts = read_facts(file.path);
    if (!facts) continue;
    rows += rows.empty() ? "; INSERT INTO files VALUES " : ", ";
    rows += "(" + (file.uuid.empty() ? "NULL" : sql_text(file.uuid)) + ", " + std::to_string(facts->header.file_id) +
            ", " + sql_text(printable(facts->header.org)) + ", " + sql_text(printable(facts->header.title)) + ", " +
            sql_text(state_of(*facts)) + ", " + std::to_string(facts->count) + ", " + std::to_string(facts->size) +
            ", " + time_or_null(facts->index.first) + ", " + time_or_null(facts->index.last) + ", " +
            sql_text(printable(file.path.string())) + ")";
  }
  return sql + rows;
}

}  // namespace

struct SqlDatabase::State {
  const DuckDbApi* api = nullptr;
  duckdb::Database database = nullptr;
  duckdb::Connection connection = nullptr;
  fs::path spill = {};
  LogsTable table = {};
  bool is_opaque = false;       // A query may mean something else than it says: macros, collations.
  bool in_transaction = false;  // One that the user began.

  towl::Result<void> start(const SqlOptions& options);
  towl::Result<void> execute(const std::string& statements);
  void note(std::string statement);
  std::optional<std::string> value_of(const std::string& query);
  std::optional<std::int64_t> constant_of(const std::string& statement, std::string_view conversion);
  towl::Result<void> give(duckdb::QueryResult& result, const SqlSink& sink) const;
};

SqlDatabase::SqlDatabase() : state_(std::make_unique<State>()) {}

SqlDatabase::~SqlDatabase() {
  if (state_->connection != nullptr) state_->api->disconnect(&state_->connection);
  if (state_->database != nullptr) state_->api->close(&state_->database);
  std::error_code ignored;
  if (!state_->spill.empty()) fs::remove_all(state_->spill, ignored);
}

towl::Result<void> SqlDatabase::State::start(const SqlOptions& options) {
  std::error_code error;
  const fs::path temporary = fs::temp_directory_path(error);
  spill = (error ? fs::path("/tmp") : temporary) / ("towl-sql-" + std::to_string(getpid()));
  const std::pair<const char*, std::string> settings[] = {{"threads", std::to_string(options.threads)},
                                                          {"memory_limit", options.memory_limit},
                                                          {"temp_directory", spill.string()},
                                                          {"autoinstall_known_extensions", "false"}};
  duckdb::Config config = nullptr;
  if (api->create_config(&config) != 0) return towl::fail(towl::ErrorCode::io, "DuckDB does not start");
  for (const auto& [name, value] : settings) {
    if (api->set_config(config, name, value.c_str()) == 0) continue;
    api->destroy_config(&config);
    return towl::fail(towl::ErrorCode::invalid_argument, std::string("DuckDB does not take ") + name + " = " + value);
  }
  char* why = nullptr;
  const auto failed = api->open(":memory:", &database, config, &why);
  api->destroy_config(&config);
  if (failed != 0) {
    const std::string said = why != nullptr ? why : "DuckDB does not say why";
    api->free(why);
    return towl::fail(towl::ErrorCode::invalid_argument, said);
  }
  if (api->connect(database, &connection) != 0) return towl::fail(towl::ErrorCode::io, "DuckDB does not connect");
  return {};
}

towl::Result<void> SqlDatabase::State::execute(const std::string& statements) {
  Answer answer(*api);
  if (api->query(connection, statements.c_str(), &answer.get()) != 0) return answer.failed();
  return {};
}

/// The one value that a query gives as text; nullopt for NULL, none, or a mistake.
std::optional<std::string> SqlDatabase::State::value_of(const std::string& query) {
  Answer answer(*api);
  if (api->query(connection, query.c_str(), &answer.get()) != 0) return std::nullopt;
  std::optional<std::string> value;
  while (duckdb::Chunk chunk = api->fetch_chunk(answer.get())) {
    const auto vector = api->chunk_vector(chunk, 0);
    const auto* validity = api->vector_validity(vector);
    const bool is_there = api->chunk_size(chunk) > 0 && (validity == nullptr || (validity[0] & 1) != 0);
    if (is_there) value = text_at(api->vector_data(vector), 0);
    api->destroy_chunk(&chunk);
  }
  return value;
}

/// What an expression is that a serialized statement selects, converted.
std::optional<std::int64_t> SqlDatabase::State::constant_of(const std::string& statement, std::string_view conversion) {
  constexpr std::string_view kSelect = "SELECT ";
  const auto text = value_of("SELECT json_deserialize_sql(CAST(" + sql_text(statement) + " AS JSON))");
  if (!text || !text->starts_with(kSelect)) return std::nullopt;
  std::string query = "SELECT CAST(";
  for (const char c : conversion) {
    if (c == '?') {
      query += "(" + text->substr(kSelect.size()) + ")";
    } else {
      query += c;
    }
  }
  const auto value = value_of(query + " AS VARCHAR)");
  if (!value) return std::nullopt;
  std::int64_t number = 0;
  const char* const end = value->data() + value->size();
  const auto read = std::from_chars(value->data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional(number) : std::nullopt;
}

/// While it is there, towl_logs() gives only entries that the query may want. A transaction, so that now() is the same when
/// bounds are looked at and when the query runs; none of its own if one is open already.
class SqlDatabase::Narrowed {
 public:
  Narrowed(State& state, const std::string& query) : state_(state), before_(state.table.selection) {
    if (state_.is_opaque) return;
    const auto serialized = state_.value_of("SELECT CAST(json_serialize_sql(" + sql_text(query) + ") AS VARCHAR)");
    // Of anything but a SELECT it is an error.
    if (!serialized || serialized->starts_with(R"({"error":true)")) return;
    is_open_ = !state_.in_transaction && state_.execute("BEGIN TRANSACTION").has_value();
    narrow(pushed_filters(*serialized, [this](const std::string& statement, std::string_view conversion) {
      return state_.constant_of(statement, conversion);
    }));
  }
  Narrowed(const Narrowed&) = delete;
  Narrowed& operator=(const Narrowed&) = delete;
  ~Narrowed() {
    state_.table.selection = std::move(before_);
    if (is_open_ && !state_.execute("COMMIT")) static_cast<void>(state_.execute("ROLLBACK"));
  }

 private:
  /// Readers apply the bounds of time themselves: what they skip costs nothing.
  void narrow(const towl::Expression& filters) {
    LogsSelection& selection = state_.table.selection;
    std::vector<towl::Expression> parts = {selection.expression};
    const bool is_all = filters.kind == towl::Expression::Kind::all_of;
    for (const towl::Expression& filter : is_all ? filters.parts : std::vector<towl::Expression>{filters}) {
      const bool is_time = filter.kind == towl::Expression::Kind::test && filter.field.kind == towl::FieldKind::time;
      if (is_time) {
        const auto& range = std::get<towl::TimeTest>(filter.test);
        const towl::TimeTest all;
        if (range.since != all.since) selection.since = std::max(selection.since.value_or(all.since), range.since);
        if (range.until != all.until) selection.until = std::min(selection.until.value_or(all.until), range.until);
      } else if (filter.kind != towl::Expression::Kind::everything) {
        parts.push_back(filter);
      }
    }
    if (parts.size() == 1) return;
    if (parts.front().kind == towl::Expression::Kind::everything) parts.erase(parts.begin());
    selection.expression = towl::all_of(std::move(parts));
  }

  State& state_;
  LogsSelection before_;
  bool is_open_ = false;
};

/// Notes what a statement changes for those after it.
void SqlDatabase::State::note(std::string statement) {
  std::transform(statement.begin(), statement.end(), statement.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const auto begin = statement.find_first_not_of(" \t\r\n");
  const auto starts = [&](std::string_view word) {
    return begin != std::string::npos && std::string_view(statement).substr(begin).starts_with(word);
  };
  if (starts("begin") || starts("start")) in_transaction = true;
  if (starts("commit") || starts("end") || starts("rollback") || starts("abort")) in_transaction = false;
  for (const char* word : {"macro", "function", "collat"}) is_opaque |= statement.find(word) != std::string::npos;
}

towl::Result<void> SqlDatabase::prepare(const std::vector<std::string>& statements) {
  for (std::size_t i = 0; i < statements.size(); ++i) {
    state_->note(statements[i]);
    if (i + 1 == statements.size()) break;
    if (auto done = state_->execute(statements[i]); !done) return done;
  }
  return {};
}

towl::Result<std::unique_ptr<SqlDatabase>> SqlDatabase::open(const SqlOptions& options) {
  const auto api = duckdb::load();
  if (!api) return tl::unexpected(api.error());
  const auto scan = LogsScan::open(options.logs);
  if (!scan) return tl::unexpected(scan.error());
  std::unique_ptr<SqlDatabase> database(new SqlDatabase);
  State& state = *database->state_;
  state.api = *api;
  state.table.api = *api;
  state.table.selection = options.logs;
  state.table.threads = options.threads;
  if (auto started = state.start(options); !started) return tl::unexpected(started.error());
  if (auto known = register_logs(state.connection, state.table); !known) return tl::unexpected(known.error());
  if (auto known = register_patterns(state.connection, state.table); !known) return tl::unexpected(known.error());
  auto made = state.execute(
      "CREATE VIEW logs AS SELECT * FROM towl_logs(); "
      "CREATE VIEW patterns AS SELECT * FROM towl_patterns(); " +
      files_table((*scan)->files()));
  if (!made) return tl::unexpected(made.error());
  return database;
}

/// Text columns as they are. Only statements that are no query have other columns: of these, numbers and booleans.
towl::Result<void> SqlDatabase::State::give(duckdb::QueryResult& result, const SqlSink& sink) const {
  std::vector<std::string> names;
  for (duckdb::Index i = 0; i < api->column_count(&result); ++i) names.emplace_back(api->column_name(&result, i));
  sink.columns(names);
  SqlRow row(names.size());
  for (;;) {
    duckdb::Chunk chunk = api->fetch_chunk(result);
    if (chunk == nullptr) break;
    const duckdb::Index rows = api->chunk_size(chunk);
    for (duckdb::Index at = 0; at < rows; ++at) {
      for (duckdb::Index i = 0; i < names.size(); ++i) {
        const auto vector = api->chunk_vector(chunk, i);
        const auto* validity = api->vector_validity(vector);
        const void* data = api->vector_data(vector);
        row[i].reset();
        if (validity != nullptr && (validity[at / 64] >> (at % 64) & 1) == 0) continue;
        switch (api->column_type(&result, i)) {
          case duckdb::Type::varchar:
            row[i] = text_at(data, at);
            break;
          case duckdb::Type::bigint:
            row[i] = std::to_string(static_cast<const std::int64_t*>(data)[at]);
            break;
          case duckdb::Type::boolean:
            row[i] = static_cast<const bool*>(data)[at] ? "true" : "false";
            break;
          default:
            row[i] = "(a value)";
        }
      }
      sink.row(row);
    }
    api->destroy_chunk(&chunk);
  }
  const char* error = api->result_error(&result);
  if (error != nullptr && *error != '\0') return towl::fail(towl::ErrorCode::invalid_argument, error);
  return {};
}

towl::Result<void> SqlDatabase::run(const std::string& statements, const SqlSink& sink) {
  const DuckDbApi& api = *state_->api;
  const auto all = statements_of(statements);
  if (all.empty()) return {};
  if (auto prepared = prepare(all); !prepared) return prepared;
  // DuckDB itself converts all its types to text.
  const std::string& query = all.back();
  const Narrowed narrowed(*state_, query);
  const Prepared as_text(api, state_->connection, "SELECT CAST(COLUMNS(*) AS VARCHAR) FROM (\n" + query + "\n)");
  Answer answer(api);
  if (as_text.ok()) {
    if (api.execute_streaming(as_text.get(), &answer.get()) != 0) return answer.failed();
  } else if (api.query(state_->connection, query.c_str(), &answer.get()) != 0) {
    return answer.failed();
  }
  return state_->give(answer.get(), sink);
}

towl::Result<void> SqlDatabase::copy(const std::string& statements, const fs::path& path, SqlFileFormat format) {
  const auto all = statements_of(statements);
  if (all.empty()) return towl::fail(towl::ErrorCode::invalid_argument, "there is no query");
  if (auto prepared = prepare(all); !prepared) return prepared;
  const Narrowed narrowed(*state_, all.back());
  return state_->execute("COPY (\n" + all.back() + "\n) TO " + sql_text(path.string()) + " (" +
                         std::string(options_of(format)) + ")");
}

void SqlDatabase::interrupt() { state_->api->interrupt(state_->connection); }

std::vector<std::string> SqlDatabase::losses() const { return state_->table.losses.lines(); }

}  // namespace towlctl

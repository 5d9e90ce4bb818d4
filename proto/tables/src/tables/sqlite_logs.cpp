#include "tables/sqlite_logs.hpp"

#include <sqlite3.h>

#include <string>
#include <utility>

#include "towl/record/json_text.hpp"
#include "towl/record/level.hpp"

namespace towl {
namespace {

/// How long to wait for another program's transaction.
constexpr int kBusyMilliseconds = 5000;

constexpr const char* kTables =
    "CREATE TABLE IF NOT EXISTS logs (id INTEGER PRIMARY KEY, timestamp TEXT NOT NULL, level TEXT, message TEXT, "
    "sender TEXT, details JSON);"
    "CREATE TABLE IF NOT EXISTS towl_cursor (source TEXT PRIMARY KEY, file_id INTEGER NOT NULL, file_uuid TEXT NOT "
    "NULL, ordinal INTEGER NOT NULL);";
constexpr const char* kIndex = "CREATE INDEX IF NOT EXISTS logs_timestamp ON logs (timestamp)";

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct EndStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, EndStatement>;

ErrorCode code_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return ErrorCode::no_space;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return ErrorCode::locked;
    case SQLITE_CANTOPEN:
      return ErrorCode::not_found;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_AUTH:
      return ErrorCode::permission_denied;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:
      return ErrorCode::corrupt;
    default:
      return ErrorCode::io;
  }
}

std::string hex_of(const Uuid& uuid) {
  std::string hex;
  for (const std::uint8_t byte : uuid) {
    hex += "0123456789abcdef"[byte >> 4];
    hex += "0123456789abcdef"[byte & 15];
  }
  return hex;
}

Uuid uuid_of(std::string_view hex) {
  Uuid uuid = {};
  const auto digit = [](char c) { return static_cast<unsigned>(c >= 'a' ? c - 'a' + 10 : c - '0') & 15U; };
  if (hex.size() != 2 * uuid.size()) return uuid;
  for (std::size_t i = 0; i < uuid.size(); ++i) {
    uuid[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  }
  return uuid;
}

std::string text_of(sqlite3_stmt* statement, int column) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
  return text == nullptr ? std::string()
                         : std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, column)));
}

/// Borrowed until the statement has run.
void bind_text(sqlite3_stmt* statement, int at, std::string_view text) {
  const auto size = static_cast<sqlite3_uint64>(text.size());
  const char* data = text.data() == nullptr ? "" : text.data();
  if (text.find('\0') == std::string_view::npos && is_utf8(text)) {
    sqlite3_bind_text64(statement, at, data, size, SQLITE_STATIC, SQLITE_UTF8);
  } else {
    sqlite3_bind_blob64(statement, at, data, size, SQLITE_STATIC);
  }
}

}  // namespace

std::string full_time_text(Timestamp time) {
  const Rfc3339 shortest = format_rfc3339(time);
  std::string text(shortest.view());
  text.pop_back();
  if (text.find('.') == std::string::npos) text += '.';
  text.append(kMaxRfc3339Bytes - 1 - std::min(text.size(), kMaxRfc3339Bytes - 1), '0');
  return text + 'Z';
}

struct SqliteLogs::State {
  std::unique_ptr<sqlite3, CloseDatabase> database = {};
  std::string path = {};
  Statement insert = {};
  bool in_transaction = false;

  tl::unexpected<Error> failed(std::string_view doing) {
    const int code = database ? sqlite3_extended_errcode(database.get()) : SQLITE_NOMEM;
    const std::string said = database ? sqlite3_errmsg(database.get()) : "out of memory";
    return fail(code_of(code), "SQLite cannot " + std::string(doing) + ": " + said, path);
  }

  Result<void> execute(const char* statements, std::string_view doing) {
    if (sqlite3_exec(database.get(), statements, nullptr, nullptr, nullptr) != SQLITE_OK) return failed(doing);
    return {};
  }

  Result<Statement> prepare(std::string_view text) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(database.get(), text.data(), static_cast<int>(text.size()), &statement, nullptr) !=
        SQLITE_OK) {
      return failed("prepare a statement");
    }
    return Statement(statement);
  }
};

SqliteLogs::SqliteLogs(std::unique_ptr<State> state) : state_(std::move(state)) {}
SqliteLogs::SqliteLogs(SqliteLogs&&) noexcept = default;
SqliteLogs& SqliteLogs::operator=(SqliteLogs&&) noexcept = default;
SqliteLogs::~SqliteLogs() {
  if (state_) roll_back();
}

Result<SqliteLogs> SqliteLogs::open(const std::filesystem::path& path, bool durable) {
  auto state = std::make_unique<State>();
  state->path = path.string();
  sqlite3* database = nullptr;
  const int opened =
      sqlite3_open_v2(state->path.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  state->database.reset(database);
  if (opened != SQLITE_OK) return state->failed("open the database");
  sqlite3_busy_timeout(database, kBusyMilliseconds);
  // FULL: a commit survives the loss of power; NORMAL: it survives the end of this process.
  const char* pragmas = durable ? "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL"
                                : "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL";
  if (auto set = state->execute(pragmas, "open the database"); !set) return fail(std::move(set.error()));
  if (auto made = state->execute(kTables, "make the tables"); !made) return fail(std::move(made.error()));
  if (auto made = state->execute(kIndex, "make the index"); !made) return fail(std::move(made.error()));
  auto insert =
      state->prepare("INSERT INTO logs (timestamp, level, message, sender, details) VALUES (?1, ?2, ?3, ?4, ?5)");
  if (!insert) return fail(std::move(insert.error()));
  state->insert = std::move(*insert);
  return SqliteLogs(std::move(state));
}

Result<std::optional<SqliteCursor>> SqliteLogs::cursor(std::string_view source) {
  auto query = state_->prepare("SELECT file_id, file_uuid, ordinal FROM towl_cursor WHERE source = ?1");
  if (!query) return fail(std::move(query.error()));
  bind_text(query->get(), 1, source);
  const int step = sqlite3_step(query->get());
  if (step == SQLITE_DONE) return std::nullopt;
  if (step != SQLITE_ROW) return state_->failed("read the cursor");
  return SqliteCursor{static_cast<FileId>(sqlite3_column_int64(query->get(), 0)), uuid_of(text_of(query->get(), 1)),
                      static_cast<Ordinal>(sqlite3_column_int64(query->get(), 2))};
}

Result<void> SqliteLogs::begin() {
  if (state_->in_transaction) return {};
  auto begun = state_->execute("BEGIN IMMEDIATE", "begin a transaction");
  state_->in_transaction = begun.has_value();
  return begun;
}

Result<void> SqliteLogs::add(const RecordView& record) {
  sqlite3_stmt* insert = state_->insert.get();
  const EntryView& entry = record.entry();
  const std::string time = full_time_text(entry.time());
  bind_text(insert, 1, time);
  if (const auto level = record.level()) {
    bind_text(insert, 2, level_name(*level));
  } else {
    sqlite3_bind_null(insert, 2);
  }
  bind_text(insert, 3, record.message());
  bind_text(insert, 4, entry.sender);
  if (record.has_fields()) {
    bind_text(insert, 5, entry.log_entry);
  } else {
    sqlite3_bind_null(insert, 5);
  }
  const int step = sqlite3_step(insert);
  auto failed = step == SQLITE_DONE ? Result<void>() : Result<void>(state_->failed("store an entry"));
  sqlite3_reset(insert);
  return failed;
}

Result<void> SqliteLogs::set_cursor(std::string_view source, const SqliteCursor& cursor) {
  auto statement = state_->prepare("INSERT OR REPLACE INTO towl_cursor VALUES (?1, ?2, ?3, ?4)");
  if (!statement) return fail(std::move(statement.error()));
  const std::string uuid = hex_of(cursor.uuid);
  bind_text(statement->get(), 1, source);
  sqlite3_bind_int64(statement->get(), 2, static_cast<sqlite3_int64>(cursor.file_id));
  bind_text(statement->get(), 3, uuid);
  sqlite3_bind_int64(statement->get(), 4, static_cast<sqlite3_int64>(cursor.ordinal));
  if (sqlite3_step(statement->get()) != SQLITE_DONE) return state_->failed("store the cursor");
  return {};
}

Result<void> SqliteLogs::commit() {
  if (!state_->in_transaction) return {};
  auto committed = state_->execute("COMMIT", "commit");
  if (committed) state_->in_transaction = false;
  return committed;
}

void SqliteLogs::roll_back() {
  if (!std::exchange(state_->in_transaction, false)) return;
  (void)state_->execute("ROLLBACK", "take back");
}

Result<std::uint64_t> SqliteLogs::count() {
  auto query = state_->prepare("SELECT count(*) FROM logs");
  if (!query) return fail(std::move(query.error()));
  if (sqlite3_step(query->get()) != SQLITE_ROW) return state_->failed("count the rows");
  return static_cast<std::uint64_t>(sqlite3_column_int64(query->get(), 0));
}

Result<std::pair<std::string, std::string>> SqliteLogs::times() {
  auto query = state_->prepare("SELECT min(timestamp), max(timestamp) FROM logs");
  if (!query) return fail(std::move(query.error()));
  if (sqlite3_step(query->get()) != SQLITE_ROW) return state_->failed("read the times");
  return std::pair(text_of(query->get(), 0), text_of(query->get(), 1));
}

Result<void> SqliteLogs::drop_index() {
  return state_->execute("DROP INDEX IF EXISTS logs_timestamp", "drop the index");
}

Result<void> SqliteLogs::make_index() { return state_->execute(kIndex, "make the index"); }

Result<void> SqliteLogs::finish() {
  return state_->execute("PRAGMA wal_checkpoint(TRUNCATE)", "end the write-ahead log");
}

}  // namespace towl

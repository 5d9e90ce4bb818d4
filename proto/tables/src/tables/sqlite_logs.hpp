// SqliteLogs is a SQLite database with a table of entries, for whatever reads SQLite:
//
//     logs (id INTEGER PRIMARY KEY, timestamp TEXT, level TEXT, message TEXT, sender TEXT, details JSON)
//     towl_cursor (source TEXT PRIMARY KEY, file_id INTEGER, file_uuid TEXT, ordinal INTEGER)
//
// timestamp: the event time in UTC with nine digits after the second, so that texts sort as times do. level: its name, or
//            NULL. details: the fields as one JSON object; NULL for an entry that is a text alone.
// Bytes:     what is no UTF-8, or has a NUL, is a BLOB: no byte is lost.
// Once:      a cursor is stored in the transaction of the entries before it: after a crash both are there or neither.
// WAL:       readers see all that was committed, while this writes.
// Threads:   one at a time. Errors: no_space, locked (another program writes), not_found, permission_denied, corrupt
//            (no database, or another one's tables), io.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/header.hpp"
#include "towl/record/record_view.hpp"
#include "towl/result.hpp"

namespace towl {

/// The next entry to come of a source.
struct SqliteCursor {
  FileId file_id = 0;
  Uuid uuid = {};
  Ordinal ordinal = 0;
  friend bool operator==(const SqliteCursor&, const SqliteCursor&) = default;
};

class SqliteLogs {
 public:
  /// Opens or creates the database and its tables. `durable`: a commit is on stable storage when it returns.
  static Result<SqliteLogs> open(const std::filesystem::path& path, bool durable);

  SqliteLogs(SqliteLogs&&) noexcept;
  SqliteLogs& operator=(SqliteLogs&&) noexcept;
  /// What was not committed is taken back.
  ~SqliteLogs();

  /// What `source` stored last; nullopt: nothing.
  Result<std::optional<SqliteCursor>> cursor(std::string_view source);

  /// Begins a transaction, where none has begun.
  Result<void> begin();
  /// Within a transaction. `record` is set to the entry.
  Result<void> add(const RecordView& record);
  Result<void> set_cursor(std::string_view source, const SqliteCursor& cursor);
  /// Without a transaction: nothing.
  Result<void> commit();
  void roll_back();

  /// How many rows `logs` has.
  Result<std::uint64_t> count();
  /// The earliest and the latest timestamp; empty where there is no row.
  Result<std::pair<std::string, std::string>> times();

  /// The index on `timestamp`: open() makes it; without it many rows are added faster, and make_index() makes it then.
  Result<void> drop_index();
  Result<void> make_index();
  /// Ends the write-ahead log: the database is one file.
  Result<void> finish();

 private:
  struct State;
  explicit SqliteLogs(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// "2026-01-17T14:30:00.123456789Z": always nine digits.
std::string full_time_text(Timestamp time);

}  // namespace towl

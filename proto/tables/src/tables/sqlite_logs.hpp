// SqliteLogs is an SQLite database with a table of entries, for any program that reads SQLite:
//
//     logs (id INTEGER PRIMARY KEY, timestamp TEXT, level TEXT, message TEXT, sender TEXT, details JSON)
//     towl_cursor (source TEXT PRIMARY KEY, file_id INTEGER, file_uuid TEXT, ordinal INTEGER)
//
// timestamp: the event time in UTC with nine digits after the second, so that texts sort as times do. level: its name, or
//            NULL. details: the fields as one JSON object; NULL for an entry that is only a text.
// Bytes:     a value that is not UTF-8, or has a NUL, is a BLOB: no byte is lost.
// Once:      a cursor is stored in the transaction of the entries before it: after a crash both are there or neither.
// WAL:       readers see everything that was committed, while this writes.
// Threads:   one at a time. Errors: no_space, locked (another program writes), not_found, permission_denied, corrupt
//            (not a database, or one with other tables), io.
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

/// The next entry expected from a source.
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
  /// Rolls back what was not committed.
  ~SqliteLogs();

  /// The cursor that `source` stored last; nullopt: none.
  Result<std::optional<SqliteCursor>> cursor(std::string_view source);

  /// Begins a transaction, if none has begun.
  Result<void> begin();
  /// Within a transaction. `record` is set to the entry.
  Result<void> add(const RecordView& record);
  Result<void> set_cursor(std::string_view source, const SqliteCursor& cursor);
  /// Does nothing without a transaction.
  Result<void> commit();
  void roll_back();

  /// How many rows `logs` has.
  Result<std::uint64_t> count();
  /// The earliest and the latest timestamp; empty if there is no row.
  Result<std::pair<std::string, std::string>> times();

  /// The index on `timestamp`. open() makes it. Many rows are added faster without it; make_index() makes it again.
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

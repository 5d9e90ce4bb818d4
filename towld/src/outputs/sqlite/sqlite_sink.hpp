// SqliteSink puts entries into a SQLite database, with the cursor in the transaction of the entries before it.
//
// Once: the database's cursor counts, not the output's file: what comes again after a crash is passed over.
// Rate: what came within a second, or kSqliteBatchEntries, is one transaction, and one sync of the disk.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "outputs/sink.hpp"
#include "tables/sqlite_logs.hpp"
#include "towl/record/record_view.hpp"

namespace towld {

class SqliteSink final : public Sink {
 public:
  /// `name` is the output's: its cursor stands under it.
  SqliteSink(std::string path, std::string name) : path_(std::move(path)), name_(std::move(name)) {}

  towl::Result<void> open(const std::optional<std::string>& committed) override;
  towl::Result<std::optional<StorePosition>> find_position() override;
  bool has_moved() override { return !database_; }
  towl::Result<void> reopen() override;
  void add(const FollowedEntry& entry) override;
  std::size_t unwritten_bytes() const override { return unwritten_bytes_; }
  bool is_within() const override { return false; }
  towl::Result<bool> write() override;
  void wait(Wakeup&) override {}
  towl::Result<std::string> commit() override;

 private:
  towl::Result<void> open_database();
  bool is_stored(towl::FileId file_id, towl::Ordinal ordinal) const;
  towl::Result<void> write_rows();

  /// An entry that was added, and what the cursor is after it.
  struct Waiting {
    towl::Entry entry;
    towl::SqliteCursor next;
  };

  const std::string path_;
  const std::string name_;
  std::optional<towl::SqliteLogs> database_;
  std::optional<towl::SqliteCursor> stored_;  ///< As the database has it.
  std::vector<Waiting> waiting_;  ///< What is not committed: on an error SQLite may take a transaction back.
  std::size_t written_ = 0;       ///< Of these, within the transaction.
  std::size_t unwritten_bytes_ = 0;
  towl::RecordView record_;
};

}  // namespace towld

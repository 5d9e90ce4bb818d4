// PostgresSink copies entries into a table of PostgreSQL, by libpq.
//
//     TABLE          file uuid, ordinal, time, ns, received, sender, level, message, fields; primary key (file, ordinal)
//     TABLE_cursor   output, file_id, file, ordinal: the next entry of each output that writes to the table
//
// Once:  what is copied between two commits and the position after it are one transaction: whatever dies, the table itself
//        says where to go on, and each entry is there once.
// Bytes: PostgreSQL keeps text alone: what is not UTF-8, and NUL, becomes U+FFFD. Its times have microseconds: `ns` has the
//        rest (0-999) of `time`.
// Waits: for the server's answers, which it has kPostgresAnswerMs for.
// Threads: one at a time.
#pragma once

#include <libpq-fe.h>

#include <functional>
#include <memory>
#include <string>

#include "config/read_from.hpp"
#include "outputs/sink.hpp"
#include "towl/record/record_view.hpp"

namespace towld {

struct PostgresConfig {
  std::string connection = {};     ///< libpq's: "host=db dbname=logs user=towl", or postgresql://…
  std::string password_file = {};  ///< Empty: as libpq finds one.
  std::string table = "towl_entries";
  ReadFrom from = ReadFrom::end;

  friend bool operator==(const PostgresConfig&, const PostgresConfig&) = default;
};

class PostgresSink final : public Sink {
 public:
  /// `identity` returns that of the store. `config.table` must be a plain name, maybe after a schema's.
  PostgresSink(PostgresConfig config, std::string name, std::function<std::string()> identity);

  towl::Result<void> open(const std::optional<std::string>& committed) override;
  bool keeps_position() const override { return true; }
  towl::Result<std::optional<StorePosition>> find_position() override;
  void add(const FollowedEntry& followed) override;
  std::size_t unwritten_bytes() const override { return rows_.size(); }
  std::size_t large_enough() const override { return kPostgresCopyBytes; }
  bool is_within() const override { return false; }
  towl::Result<bool> write() override;
  void wait(Wakeup&) override {}
  towl::Result<std::string> commit() override;

 private:
  struct Free {
    void operator()(PGconn* connection) const { PQfinish(connection); }
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Answer = std::unique_ptr<PGresult, Free>;

  towl::Result<Answer> ask(const std::string& statement, ExecStatusType expected,
                           std::initializer_list<std::string> values = {});
  towl::Error told(const std::string& what) const;
  std::string output_id() const;

  const PostgresConfig config_;
  const std::string name_;
  const std::function<std::string()> identity_;
  towl::RecordView record_;
  std::string rows_;
  StorePosition after_add_;    // the last entry that was added
  StorePosition after_write_;  // the last one that was copied
  bool in_transaction_ = false;
  std::unique_ptr<PGconn, Free> connection_;
};

}  // namespace towld

// LogsScan reads entries of towl files for an SQL engine: in pieces that threads take in turns. Of each entry it reads
// only what is asked for.
//
// A piece is a few pieces of FileReader::pieces() together. If not all entries are asked for, or if levels are, the
// query engine searches each piece. It skips frames that cannot have such an entry, and knows levels without texts.
// Order: within a piece by ordinal; pieces are handed out in the order of the files. Threads: a LogsReader has one
// thread at a time.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "towl/file_reader.hpp"
#include "towl/query/expression.hpp"
#include "towl/query/search.hpp"
#include "towl/result.hpp"

namespace towlctl {

/// Which entries a query is about.
struct LogsSelection {
  std::vector<std::filesystem::path> paths = {};
  std::optional<towl::Timestamp> since = {};  ///< By event time, as everywhere.
  std::optional<towl::Timestamp> until = {};
  towl::Expression expression = {};  ///< Which of these entries; everything by default.

  bool narrows() const { return since || until || expression.kind != towl::Expression::Kind::everything; }
};

/// The file that a piece belongs to; read once per file.
struct LogsFile {
  std::filesystem::path path;
  towl::Header header;
  std::string uuid;  ///< As in addresses (uuid_text); empty for format 1, which has none.
  std::uint64_t count = 0;
};

/// A range of entries of one file, from a place up to an ordinal.
struct LogsPiece {
  std::size_t file = 0;  ///< In files().
  towl::Position begin = {};
  towl::Ordinal end = 0;
};

/// What could not be read, over all scans of a query. Any thread.
class LogsLosses {
 public:
  void add(const towl::Error& error);
  /// One line each of the first few, and one that says how many more there were.
  std::vector<std::string> lines() const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> first_;
  std::uint64_t count_ = 0;
};

class LogsScan {
 public:
  /// Reads the files' pages. A file that cannot be opened is in losses(), and the others are
  /// still read. Errors: invalid_argument for an impossible expression.
  static towl::Result<std::shared_ptr<LogsScan>> open(LogsSelection selection);

  const LogsSelection& selection() const { return selection_; }
  const std::vector<LogsFile>& files() const { return files_; }
  const std::vector<towl::Error>& losses() const { return losses_; }
  /// An estimate, from the index pages.
  std::uint64_t count() const;

  /// The entries that exist now, in pieces. Reads where the pieces begin.
  std::vector<LogsPiece> split() const;

 private:
  explicit LogsScan(LogsSelection selection) : selection_(std::move(selection)) {}
  void add(const std::filesystem::path& path);

  LogsSelection selection_;
  std::vector<LogsFile> files_;
  std::vector<towl::Error> losses_;
};

/// The pieces of one run of a query, each handed out once. Any thread.
class LogsPieces {
 public:
  explicit LogsPieces(std::vector<LogsPiece> pieces) : pieces_(std::move(pieces)) {}

  std::size_t size() const { return pieces_.size(); }
  /// The next piece; nullptr when there is none.
  const LogsPiece* take();

 private:
  const std::vector<LogsPiece> pieces_;
  std::atomic<std::size_t> next_ = 0;
};

/// Reads piece after piece, as long as there are any.
class LogsReader {
 public:
  /// What cannot be read is reported to `losses`; it and `pieces` must outlive the reader. `levels`: level() is needed.
  LogsReader(std::shared_ptr<const LogsScan> scan, LogsPieces& pieces, towl::Wanted wanted, bool levels,
             LogsLosses& losses);

  /// The next entry that is selected, valid until the next call; nullptr at the end.
  const towl::EntryView* next();

  const LogsFile& file() const { return scan_->files()[piece_.file]; }
  towl::Ordinal ordinal() const { return ordinal_; }
  std::optional<towl::Level> level() const { return level_; }

 private:
  bool begin_next_piece();
  bool begin_search(const LogsPiece& piece);
  bool begin_reading(const LogsPiece& piece);
  const towl::EntryView* next_found();
  const towl::EntryView* next_read();
  bool read_batch();

  const std::shared_ptr<const LogsScan> scan_;
  LogsPieces& pieces_;
  const towl::Wanted wanted_;
  const bool levels_;
  const bool searches_;  ///< If false, all entries are wanted, and no levels.
  LogsLosses& losses_;
  LogsPiece piece_ = {};
  bool in_piece_ = false;
  towl::Ordinal ordinal_ = 0;
  std::optional<towl::Level> level_;
  towl::EntryView found_ = {};
  std::optional<towl::FileReader> reader_;
  towl::EntryBatch batch_ = {};
  std::size_t at_ = 0;  ///< In batch_.
  std::optional<towl::Search> search_;
};

}  // namespace towlctl

// Scan walks the entries of many files, one file after the other, in constant memory; ReverseScan walks them from the
// last to the first.
//
// Ownership: a view that next() or previous() gave lives until the next call.
// Threads:   one at a time.
// Errors:    name the file, and are returned once: the next call
//            goes on after what cannot be read,
//            so that one damaged file does not hide the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "towl/entry.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"
#include "towl/result.hpp"

namespace towl {

struct ScanOptions {
  /// Only entries with since <= event time < until.
  std::optional<Timestamp> since = {};
  std::optional<Timestamp> until = {};
  std::vector<std::vector<std::string>> words = {};  ///< As in ReadOptions: a hint. Scan alone.
  Ordinal from = 0;                                  ///< Where to begin in the first file. Scan alone.
  FileLayer* layer = nullptr;                        ///< nullptr: posix_file_layer(). Must outlive the scan.
};

struct ScanEntry {
  std::size_t file = 0;  ///< Place in the list of paths.
  FileId file_id = 0;
  Ordinal ordinal = 0;
  EntryView entry;
};

class Scan {
 public:
  explicit Scan(std::vector<std::filesystem::path> paths, const ScanOptions& options = {});

  /// The next entry, or nullopt at the end of the last file as it is now: a later call may return what was added to it
  /// since, or the entries of add_file(). Errors: those of FileReader; the next call goes on with the next file.
  Result<std::optional<ScanEntry>> next();

  /// A file to walk behind the others.
  void add_file(std::filesystem::path path) { paths_.push_back(std::move(path)); }

  const std::vector<std::filesystem::path>& paths() const { return paths_; }

 private:
  Result<std::optional<ScanEntry>> next_of_file();

  std::vector<std::filesystem::path> paths_;
  ReadOptions options_;
  Ordinal from_;
  std::size_t at_ = 0;  // in paths_
  std::optional<FileReader> reader_;
};

class ReverseScan {
 public:
  explicit ReverseScan(std::vector<std::filesystem::path> paths, const ScanOptions& options = {});
  ReverseScan(ReverseScan&&) noexcept;
  ReverseScan& operator=(ReverseScan&&) noexcept;
  ~ReverseScan();

  /// The entry before the last one returned, beginning with the last of the last file; nullopt when all were walked.
  /// A file whose end cannot be read is an error once, and is then walked from its last entry that can be.
  Result<std::optional<ScanEntry>> previous();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace towl

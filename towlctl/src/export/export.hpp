// Writes entries to files for other programs, once, and checks afterwards what is there.
//
//   parquet, duckdb       by DuckDB, loaded at run time; within `memory`
//   sqlite                the table that towld's output of type sqlite keeps: tables/sqlite_logs.hpp
//   csv, jsonl, text      by our own code; without a path, to standard output
//
// Whole:   a file gets its name once it is complete, is on stable storage, and was checked: its number of entries, and
//          the earliest and latest time if it has a column `time`. Until then it is NAME.partial.
// Order:   that of cat; within each file of a partition as well.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "export/exported_entries.hpp"
#include "export/partitions.hpp"
#include "towl/query/entry_columns.hpp"
#include "towl/result.hpp"

namespace towlctl {

enum class ExportFormat { parquet, csv, jsonl, sqlite, duckdb, text };

struct ExportOptions {
  ExportFormat format = ExportFormat::jsonl;
  std::filesystem::path to = {};  ///< A file; a folder if there are partitions.
  bool replaces = false;          ///< An existing file may be replaced.
  Partitions partitions = {};
  std::optional<std::vector<towl::EntryColumn>> columns =
      {};  ///< nullopt: the usual ones; of jsonl and text cat's form.
  ExportSelection selection = {};
  std::string memory = "512MiB";
  /// Takes what goes to standard output; if it is set, `to` is not used.
  std::function<void(std::string_view)> write_out = nullptr;
};

struct Exported {
  ExportedFacts facts = {};
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::vector<std::string> losses = {};  ///< What could not be read of the store.
};

/// Errors: already_exists, no_space, permission_denied, not_found (DuckDB's library, a folder), closed (interrupted),
/// corrupt (what is there afterwards is not what was written), io. After an error no file has its name.
towl::Result<Exported> run_export(const ExportOptions& options);

// Its parts, one each for a kind of file.
towl::Result<Exported> export_to_text(const ExportOptions& options);
towl::Result<Exported> export_to_duckdb(const ExportOptions& options);
towl::Result<Exported> export_to_sqlite(const ExportOptions& options);

/// Syncs PATH.partial and gives it its name. Returns its size.
towl::Result<std::uint64_t> finish_file(const std::filesystem::path& path);
std::filesystem::path partial_name(const std::filesystem::path& path);

}  // namespace towlctl

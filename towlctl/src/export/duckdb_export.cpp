#include <array>
#include <map>

#include "export/export.hpp"
#include "tables/row_function.hpp"
#include "towl/record/json_text.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;
using towl::DuckDbDatabase;
using towl::duckdb::quoted_sql;
using towl::duckdb::Type;

/// For more partitions the entries are first sorted in a table, which may go to the disk; for fewer they are read again
/// for each.
constexpr std::size_t kMostPasses = 4;

/// zstd's level 3, DuckDB's default, makes the whole export take a fifth longer, and saves nothing for logs.
constexpr const char* kParquetOptions = " (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)";

/// The last column, which no file has: the entry's partition.
constexpr const char* kPlace = "towl_partition";

/// Towards the past, so that what happened before a bound stays before it.
std::int64_t microseconds(towl::Timestamp time) { return time / 1000 - (time % 1000 < 0 ? 1 : 0); }

std::string name_of(const std::string& column) {
  std::string name = "\"";
  for (const char c : column) {
    if (c == '"') name += '"';
    name += c;
  }
  return name + '"';
}

/// The rows of the selection, of one partition or of all.
class ExportRows final : public towl::RowSource {
 public:
  ExportRows(const ExportOptions& options, std::vector<towl::EntryColumn> columns)
      : options_(options), partitions_(options.partitions), columns_(std::move(columns)) {
    for (const towl::EntryColumn& column : columns_) {
      const towl::CellType type = towl::type_of(column.kind);
      row_columns_.push_back({column.name.c_str(), type == towl::CellType::time     ? Type::timestamp_tz
                                                   : type == towl::CellType::number ? Type::bigint
                                                                                    : Type::varchar});
    }
    row_columns_.push_back({kPlace, Type::bigint});
  }

  /// From the next query on; nullptr: all.
  void choose(const std::string* folder) { chosen_ = folder; }
  const ExportedFacts& facts() const { return facts_; }
  /// The folders found so far, in the order of their numbers.
  const std::map<std::string, std::int64_t>& folders() const { return folders_; }
  std::vector<std::string> losses() const { return entries_ ? entries_->losses() : std::vector<std::string>(); }

  std::span<const towl::RowColumn> columns() const override { return row_columns_; }

  towl::Result<void> begin() override {
    facts_ = {};
    towl::Wanted wanted = towl::wanted_of(columns_);
    wanted.sender |= !partitions_.is_none();
    auto opened = ExportedEntries::open(options_.selection, wanted);
    if (!opened) return tl::unexpected(opened.error());
    entries_.emplace(std::move(*opened));
    return {};
  }

  towl::Result<bool> next(towl::RowWriter& to) override {
    for (;;) {
      const auto entry = entries_->next();
      if (!entry) return tl::unexpected(entry.error());
      if (*entry == nullptr) return false;
      const std::string& folder = partitions_.folder_of((*entry)->entry);
      if (chosen_ != nullptr && folder != *chosen_) continue;
      if (folder != last_folder_ || last_number_ < 0) {
        last_folder_ = folder;
        last_number_ = folders_.try_emplace(folder, static_cast<std::int64_t>(folders_.size())).first->second;
      }
      facts_.add((*entry)->entry.time());
      cells_.set(**entry);
      for (std::size_t i = 0; i < columns_.size(); ++i) put(i, cells_.cell(columns_[i]), to);
      to.number(columns_.size(), last_number_);
      return true;
    }
  }

 private:
  void put(std::size_t column, const towl::CellValue& cell, towl::RowWriter& to) {
    if (const auto* text = std::get_if<std::string_view>(&cell)) {
      to.text(column, towl::is_always_utf8(columns_[column].kind) ? *text : towl::valid_utf8(*text, memory_));
    } else if (const auto* number = std::get_if<std::int64_t>(&cell)) {
      to.number(column, *number);
    } else if (const auto* time = std::get_if<towl::TimeValue>(&cell)) {
      to.number(column, microseconds(time->time));
    } else {
      to.null(column);
    }
  }

  const ExportOptions& options_;
  Partitions partitions_;
  const std::vector<towl::EntryColumn> columns_;
  std::vector<towl::RowColumn> row_columns_;
  const std::string* chosen_ = nullptr;
  std::optional<ExportedEntries> entries_;
  towl::CellReader cells_;
  std::string memory_;
  ExportedFacts facts_;
  std::map<std::string, std::int64_t> folders_;
  std::string last_folder_;
  std::int64_t last_number_ = -1;
};

/// The existing partitions, found by a pass over times and senders.
towl::Result<std::map<std::string, std::int64_t>> find_partitions(const ExportOptions& options) {
  std::map<std::string, std::int64_t> folders;
  if (options.partitions.is_none()) return std::map<std::string, std::int64_t>{{"", 0}};
  auto entries =
      ExportedEntries::open(options.selection, {.sender = true, .received = true, .text = false, .time = true});
  if (!entries) return tl::unexpected(entries.error());
  Partitions partitions = options.partitions;
  for (;;) {
    const auto entry = entries->next();
    if (!entry) return tl::unexpected(entry.error());
    if (*entry == nullptr) return folders;
    folders.try_emplace(partitions.folder_of((*entry)->entry), static_cast<std::int64_t>(folders.size()));
  }
}

class DuckDbExport {
 public:
  DuckDbExport(const ExportOptions& options, std::vector<towl::EntryColumn> columns)
      : options_(options),
        columns_(std::move(columns)),
        rows_(options, columns_),
        spill_(partial_name(options.to).string() + ".spill") {}
  DuckDbExport(const DuckDbExport&) = delete;
  DuckDbExport& operator=(const DuckDbExport&) = delete;
  ~DuckDbExport() {
    database_.reset();
    std::error_code ignored;
    for (const fs::path& path : written_) fs::remove(partial_name(path), ignored);
    fs::remove_all(spill_, ignored);
  }

  towl::Result<Exported> run() {
    const bool is_database = options_.format == ExportFormat::duckdb;
    std::error_code ignored;
    if (is_database) {
      fs::remove(partial_name(options_.to), ignored);
      written_.push_back(options_.to);
    }
    auto opened = DuckDbDatabase::open(is_database ? partial_name(options_.to).string() : ":memory:",
                                       {{"threads", "1"},
                                        {"memory_limit", options_.memory},
                                        {"temp_directory", spill_.string()},
                                        {"autoinstall_known_extensions", "false"}});
    if (!opened) return tl::unexpected(opened.error());
    database_ = std::move(*opened);
    if (auto known = towl::register_rows(*database_, "towl_export", rows_); !known)
      return tl::unexpected(known.error());
    auto done = is_database ? write_table() : write_files();
    if (!done) return tl::unexpected(done.error());
    Exported exported{.facts = facts_, .losses = rows_.losses()};
    for (const fs::path& path : written_) {
      const auto bytes = finish_file(path);
      if (!bytes) return tl::unexpected(bytes.error());
      exported.bytes += *bytes;
      ++exported.files;
    }
    written_.clear();
    return exported;
  }

 private:
  /// Columns without the partition.
  std::string select() const {
    std::string list;
    for (const towl::EntryColumn& column : columns_) list += (list.empty() ? "SELECT " : ", ") + name_of(column.name);
    return list;
  }

  towl::Result<void> write_table() {
    auto made = database_->execute("CREATE TABLE logs AS " + select() + " FROM towl_export()");
    if (!made) return made;
    facts_ = rows_.facts();
    if (auto checked = check("logs"); !checked) return checked;
    if (auto saved = database_->execute("CHECKPOINT"); !saved) return saved;
    database_.reset();
    return {};
  }

  towl::Result<void> write_files() {
    const auto folders = find_partitions(options_);
    if (!folders) return tl::unexpected(folders.error());
    const bool sorted = folders->size() > kMostPasses;
    if (sorted) {
      auto made = database_->execute("CREATE TEMP TABLE sorted AS SELECT * FROM towl_export()");
      if (!made) return made;
      facts_ = rows_.facts();
    }
    std::string list;
    for (const auto& [folder, number] : sorted ? rows_.folders() : *folders) {
      const fs::path path = options_.partitions.is_none() ? options_.to : options_.to / folder / "part-0.parquet";
      std::error_code ignored;
      if (!options_.partitions.is_none()) fs::create_directories(path.parent_path(), ignored);
      rows_.choose(&folder);
      const std::string from =
          sorted ? " FROM sorted WHERE towl_partition = " + std::to_string(number) : " FROM towl_export()";
      written_.push_back(path);
      auto copied = database_->execute("COPY (" + select() + from + ") TO " + quoted_sql(partial_name(path).string()) +
                                       kParquetOptions);
      if (!copied) return copied;
      if (!sorted) add_facts(rows_.facts());
      list += (list.empty() ? "" : ", ") + quoted_sql(partial_name(path).string());
    }
    return list.empty() ? towl::Result<void>() : check("read_parquet([" + list + "], hive_partitioning = false)");
  }

  void add_facts(const ExportedFacts& more) {
    if (more.entries == 0) return;
    const std::uint64_t entries = facts_.entries;
    facts_.add(more.first);
    facts_.add(more.last);
    facts_.entries = entries + more.entries;
  }

  /// Checks that what is there is what was written.
  towl::Result<void> check(const std::string& table) {
    const auto number = [&](const std::string& what) { return database_->number("SELECT " + what + " FROM " + table); };
    const auto count = number("count(*)::BIGINT");
    if (!count) return tl::unexpected(count.error());
    bool is_same = static_cast<std::uint64_t>(*count) == facts_.entries;
    for (const towl::EntryColumn& column : columns_) {
      if (column.kind != towl::ColumnKind::time || facts_.entries == 0) continue;
      const auto first = number("epoch_us(min(" + name_of(column.name) + "))");
      const auto last = number("epoch_us(max(" + name_of(column.name) + "))");
      is_same &= first && last && *first == microseconds(facts_.first) && *last == microseconds(facts_.last);
    }
    if (is_same) return {};
    return towl::fail(towl::ErrorCode::corrupt,
                      "what is there is not what was written: " + std::to_string(*count) + " rows of " +
                          std::to_string(facts_.entries),
                      options_.to.string());
  }

  const ExportOptions& options_;
  const std::vector<towl::EntryColumn> columns_;
  ExportRows rows_;
  const fs::path spill_;
  std::vector<fs::path> written_;  ///< Without their names yet.
  ExportedFacts facts_;
  std::unique_ptr<DuckDbDatabase> database_;
};

}  // namespace

towl::Result<Exported> export_to_duckdb(const ExportOptions& options) {
  return DuckDbExport(options, options.columns ? *options.columns : towl::usual_columns()).run();
}

}  // namespace towlctl

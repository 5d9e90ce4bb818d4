#include "sql/logs_table.hpp"

#include <glob.h>

#include <algorithm>
#include <memory>
#include <vector>

#include "files/file_layers.hpp"
#include "files/local_files.hpp"
#include "output/text.hpp"
#include "sql/table_function.hpp"
#include "towl/record/level.hpp"
#include "towl/record/record_view.hpp"

namespace towlctl {
namespace {

using duckdb::DuckDbApi;
using duckdb::Index;
using duckdb::Type;

enum class Column : std::size_t {
  file_uuid,
  file_id,
  ordinal,
  title,
  sender,
  received,
  time,
  level,
  format,
  message,
  fields,
  received_ns,
  time_ns
};

struct ColumnOf {
  const char* name;
  Type type;
};

constexpr std::array<ColumnOf, 13> kColumns = {{{"file_uuid", Type::varchar},
                                                {"file_id", Type::ubigint},
                                                {"ordinal", Type::ubigint},
                                                {"title", Type::varchar},
                                                {"sender", Type::varchar},
                                                {"received", Type::timestamp_tz},
                                                {"time", Type::timestamp_tz},
                                                {"level", Type::varchar},
                                                {"format", Type::varchar},
                                                {"message", Type::varchar},
                                                {"fields", Type::varchar},
                                                {"received_ns", Type::bigint},
                                                {"time_ns", Type::bigint}}};

const DuckDbApi& api() { return duckdb_api(); }

/// What one use of a function in a query selects.
struct Bound {
  LogsTable* table = nullptr;
  std::shared_ptr<LogsScan> scan = {};
};

/// What its threads share.
struct Running {
  Running(std::vector<Column> of, towl::Wanted parts, std::vector<LogsPiece> all)
      : columns(std::move(of)), wanted(parts), pieces(std::move(all)) {}

  std::vector<Column> columns;
  towl::Wanted wanted;
  bool has_level = std::find(columns.begin(), columns.end(), Column::level) != columns.end();
  LogsPieces pieces;
};

/// What a thread has for itself.
struct Local {
  std::unique_ptr<LogsReader> reader = {};
  towl::RecordView record = {};
  std::string text = {};
};

towl::Result<std::vector<std::filesystem::path>> paths_of(const std::string& pattern) {
  if (is_archive(pattern)) return find_files({}, {pattern});
  glob_t found = {};
  const int failed = glob(pattern.c_str(), GLOB_TILDE, nullptr, &found);
  std::vector<std::filesystem::path> paths;
  for (std::size_t i = 0; failed == 0 && i < found.gl_pathc; ++i) paths.emplace_back(found.gl_pathv[i]);
  globfree(&found);
  if (paths.empty()) return towl::fail(towl::ErrorCode::not_found, "read_towl: no file fits " + pattern);
  return paths;
}

void declare_columns(duckdb::BindInfo info) {
  for (const ColumnOf& column : kColumns) declare_column(info, column.name, column.type);
}

void finish_bind(duckdb::BindInfo info, LogsTable& table, towl::Result<LogsSelection> selection) {
  auto scan = selection ? LogsScan::open(std::move(*selection))
                        : towl::Result<std::shared_ptr<LogsScan>>(tl::unexpected(selection.error()));
  if (!scan) return api().bind_error(info, scan.error().to_string().c_str());
  for (const towl::Error& error : (*scan)->losses()) table.losses.add(error);
  api().set_cardinality(info, (*scan)->count(), false);
  declare_columns(info);
  auto bound = std::make_unique<Bound>(Bound{&table, std::move(*scan)});
  api().set_bind_data(info, bound.release(), destroy_owned<Bound>);
}

void bind_selected(duckdb::BindInfo info) {
  auto& table = *static_cast<LogsTable*>(api().bind_extra_info(info));
  finish_bind(info, table, table.selection);
}

towl::Result<LogsSelection> selection_of(duckdb::BindInfo info) {
  const auto pattern = text_of(api().bind_parameter(info, 0));
  auto paths = paths_of(pattern.value_or(""));
  if (!paths) return tl::unexpected(paths.error());
  const auto since = time_of(info, "since");
  if (!since) return tl::unexpected(since.error());
  const auto until = time_of(info, "until");
  if (!until) return tl::unexpected(until.error());
  return LogsSelection{.paths = std::move(*paths), .since = *since, .until = *until};
}

void bind_files(duckdb::BindInfo info) {
  finish_bind(info, *static_cast<LogsTable*>(api().bind_extra_info(info)), selection_of(info));
}

towl::Wanted wanted_for(const std::vector<Column>& columns) {
  towl::Wanted wanted{.sender = false, .received = false, .text = false, .time = false};
  for (const Column column : columns) {
    wanted.sender |= column == Column::sender;
    wanted.received |= column == Column::received || column == Column::received_ns;
    wanted.time |= column == Column::time || column == Column::time_ns;
    wanted.text |= column == Column::message || column == Column::fields;
  }
  return wanted;
}

void begin(duckdb::InitInfo info) {
  const auto& bound = *static_cast<const Bound*>(api().init_bind_data(info));
  std::vector<Column> columns;
  for (Index i = 0; i < api().init_column_count(info); ++i) {
    columns.push_back(static_cast<Column>(api().init_column(info, i)));
  }
  const towl::Wanted wanted = wanted_for(columns);
  // A function may be run again within a query: each run has pieces of its own.
  auto running = std::make_unique<Running>(std::move(columns), wanted, bound.scan->split());
  api().set_max_threads(info, std::min<Index>(bound.table->threads, std::max<std::size_t>(running->pieces.size(), 1)));
  api().set_init_data(info, running.release(), destroy_owned<Running>);
}

void begin_thread(duckdb::InitInfo info) {
  api().set_init_data(info, std::make_unique<Local>().release(), destroy_owned<Local>);
}

/// Whether its rows have few different values, which neighbours share.
bool has_few_values(Column column) {
  return column == Column::file_uuid || column == Column::title || column == Column::level || column == Column::format;
}

/// A vector of few different texts: each is stored once, and rows refer to it. If DuckDB cannot, rows have copies.
class FewTexts {
 public:
  explicit FewTexts(duckdb::Vector vector) : vector_(vector), selection_(api().create_selection(api().vector_size())) {
    codes_ = api().selection_data(selection_);
  }
  FewTexts(const FewTexts&) = delete;
  FewTexts& operator=(const FewTexts&) = delete;
  ~FewTexts() { api().destroy_selection(selection_); }

  /// nullopt: NULL. `text` is looked for among the last few.
  void put(Index row, std::optional<std::string_view> text, std::string& scratch) {
    std::size_t code = texts_.size();
    const std::size_t least = code < kLookedAt ? 0 : code - kLookedAt;
    while (code > least && texts_[code - 1] != text) --code;
    if (code > least) {
      codes_[row] = static_cast<std::uint32_t>(code - 1);
      return;
    }
    const Index place = texts_.size();
    if (text) {
      const std::string_view valid = valid_utf8(*text, scratch);
      api().assign_string(vector_, place, valid.data(), valid.size());
    } else {
      api().vector_validity(vector_)[place / 64] &= ~(std::uint64_t{1} << (place % 64));
    }
    texts_.push_back(text);
    codes_[row] = static_cast<std::uint32_t>(place);
  }

  void finish(Index rows) { api().slice_vector(vector_, selection_, rows); }

 private:
  static constexpr std::size_t kLookedAt = 12;

  const duckdb::Vector vector_;
  const duckdb::Selection selection_;
  std::uint32_t* codes_ = nullptr;
  std::vector<std::optional<std::string_view>> texts_;  // What they view lives as long as the scan.
};

/// Fills the vectors of one chunk.
class Filler {
 public:
  Filler(const Running& running, Local& local, duckdb::Chunk chunk) : running_(running), local_(local), chunk_(chunk) {
    for (Index i = 0; i < running.columns.size(); ++i) {
      vectors_.push_back(api().chunk_vector(chunk, i));
      api().make_validity(vectors_.back());
      const bool is_few = api().can_slice() && has_few_values(running.columns[i]);
      few_.push_back(is_few ? std::make_unique<FewTexts>(vectors_.back()) : nullptr);
    }
  }

  void add(const towl::EntryView& entry) {
    if (running_.wanted.text) local_.record.set(entry);
    for (std::size_t i = 0; i < vectors_.size(); ++i) {
      if (few_[i]) {
        few_[i]->put(row_, few_text(running_.columns[i], entry), local_.text);
      } else {
        put(running_.columns[i], vectors_[i], entry);
      }
    }
    ++row_;
  }

  void finish() {
    for (const auto& few : few_) {
      if (few) few->finish(row_);
    }
    api().set_chunk_size(chunk_, row_);
  }
  Index rows() const { return row_; }

 private:
  /// Of a column that has_few_values().
  std::optional<std::string_view> few_text(Column column, const towl::EntryView& entry) const {
    const LogsFile& file = local_.reader->file();
    if (column == Column::file_uuid)
      return file.uuid.empty() ? std::nullopt : std::optional<std::string_view>(file.uuid);
    if (column == Column::title) return file.header.title;
    if (column == Column::format) return entry.log_format == towl::LogFormat::journal_json ? "journal" : "text";
    const auto level = local_.reader->level();
    return level ? std::optional(towl::level_name(*level)) : std::nullopt;
  }

  void put(Column column, duckdb::Vector vector, const towl::EntryView& entry) {
    const LogsFile& file = local_.reader->file();
    switch (column) {
      case Column::file_id:
        return put_number(vector, file.header.file_id);
      case Column::ordinal:
        return put_number(vector, local_.reader->ordinal());
      case Column::sender:
        return put_text(vector, entry.sender);
      case Column::received:
        return put_number(vector, microseconds(entry.received));
      case Column::time:
        return put_number(vector, microseconds(entry.time()));
      case Column::file_uuid:
      case Column::title:
      case Column::level:
      case Column::format: {
        const auto text = few_text(column, entry);
        return text ? put_text(vector, *text) : put_null(vector);
      }
      case Column::message:
        return put_text(vector, local_.record.message());
      case Column::fields:
        return local_.record.has_fields() ? put_text(vector, entry.log_entry) : put_null(vector);
      case Column::received_ns:
        return put_number(vector, entry.received);
      case Column::time_ns:
        return put_number(vector, entry.time());
    }
    // A column that DuckDB made up to count rows: it reads nothing from it.
  }

  /// Towards the past, so that what happened before a bound stays before it.
  static std::int64_t microseconds(towl::Timestamp time) { return time / 1000 - (time % 1000 < 0 ? 1 : 0); }

  template <class T>
  void put_number(duckdb::Vector vector, T value) {
    static_cast<T*>(api().vector_data(vector))[row_] = value;
  }

  void put_text(duckdb::Vector vector, std::string_view text) {
    const std::string_view valid = valid_utf8(text, local_.text);
    api().assign_string(vector, row_, valid.data(), valid.size());
  }

  void put_null(duckdb::Vector vector) {
    api().vector_validity(vector)[row_ / 64] &= ~(std::uint64_t{1} << (row_ % 64));
  }

  const Running& running_;
  Local& local_;
  const duckdb::Chunk chunk_;
  std::vector<duckdb::Vector> vectors_;
  std::vector<std::unique_ptr<FewTexts>> few_;  ///< nullptr: the column's rows have values of their own.
  Index row_ = 0;
};

void fill(duckdb::FunctionInfo info, duckdb::Chunk chunk) {
  const auto& bound = *static_cast<const Bound*>(api().function_bind_data(info));
  auto& running = *static_cast<Running*>(api().function_init_data(info));
  auto& local = *static_cast<Local*>(api().function_local_data(info));
  if (!local.reader) {
    local.reader = std::make_unique<LogsReader>(bound.scan, running.pieces, running.wanted, running.has_level,
                                                bound.table->losses);
  }
  Filler filler(running, local, chunk);
  const Index most = api().vector_size();
  while (filler.rows() < most) {
    const towl::EntryView* const entry = local.reader->next();
    if (entry == nullptr) break;
    filler.add(*entry);
  }
  filler.finish();
}

towl::Result<void> add_function(duckdb::Connection connection, LogsTable& table, const char* name, bool takes_pattern) {
  const DuckDbApi& duck = *table.api;
  auto function = duck.create_table_function();
  duck.set_name(function, name);
  if (takes_pattern) {
    auto text = duck.create_type(Type::varchar);
    duck.add_parameter(function, text);
    duck.add_named_parameter(function, "since", text);
    duck.add_named_parameter(function, "until", text);
    duck.destroy_type(&text);
  }
  duck.set_extra_info(function, &table, nullptr);
  duck.set_bind(function, takes_pattern ? bind_files : bind_selected);
  duck.set_init(function, begin);
  duck.set_local_init(function, begin_thread);
  duck.set_function(function, fill);
  duck.set_projection(function, true);
  const auto failed = duck.register_table_function(connection, function);
  duck.destroy_table_function(&function);
  if (failed == 0) return {};
  return towl::fail(towl::ErrorCode::io, std::string("DuckDB does not take the table function ") + name);
}

}  // namespace

towl::Result<void> register_logs(duckdb::Connection connection, LogsTable& table) {
  if (auto added = add_function(connection, table, "towl_logs", false); !added) return added;
  return add_function(connection, table, "read_towl", true);
}

}  // namespace towlctl

// Columns of tables of entries, for exports and bindings: which part of an entry each has, and its type.
//
//   time, received       when it happened, and was received; time_ns, received_ns: the same as nanoseconds since 1970
//   host, sender         who sent it; level; message; identifier; unit
//   fields               the entry as one JSON object; of a text: {"MESSAGE": …}
//   title, org, file_id, file_uuid, ordinal      its file, and its place in it
//   anything else        the field of that name, as text
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "towl/query/search.hpp"
#include "towl/record/record_view.hpp"
#include "towl/result.hpp"

namespace towl {

enum class ColumnKind {
  time,
  received,
  time_ns,
  received_ns,
  host,
  level,
  message,
  identifier,
  unit,
  fields,
  title,
  org,
  file_id,
  file_uuid,
  ordinal,
  field
};

struct EntryColumn {
  std::string name;
  ColumnKind kind = ColumnKind::field;
};

/// The columns that a list names, separated by commas. Errors: invalid_argument: an empty name, or one twice.
Result<std::vector<EntryColumn>> read_columns(std::string_view names);

/// time, time_ns, host, level, message, identifier, unit, fields, received, file_uuid, ordinal.
std::vector<EntryColumn> usual_columns();

/// The parts of entries that have to be read for these columns.
Wanted wanted_of(const std::vector<EntryColumn>& columns);

struct NoValue {};
struct TimeValue {
  Timestamp time;
};
/// A value: nothing, a text (any bytes), a number or a time.
using CellValue = std::variant<NoValue, std::string_view, std::int64_t, TimeValue>;

/// Its texts are UTF-8, whatever entries hold.
bool is_always_utf8(ColumnKind kind);

/// The type of a column's cells, if they have a value.
enum class CellType { text, number, time };
CellType type_of(ColumnKind kind);

/// Gives the cells of one entry after another. One thread at a time.
class CellReader {
 public:
  /// Borrows the entry, until the next call.
  void set(const FoundEntry& entry);

  /// Valid until the next call of set() or cell().
  CellValue cell(const EntryColumn& column);

  const RecordView& record() const { return record_; }

 private:
  CellValue field(std::string_view name) const;

  const FoundEntry* entry_ = nullptr;
  RecordView record_;
  std::string text_;
  Uuid uuid_ = {};  // Of the last entry's file, and …
  std::string uuid_text_;
};

}  // namespace towl

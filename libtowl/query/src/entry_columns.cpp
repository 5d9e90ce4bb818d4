#include "towl/query/entry_columns.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "towl/query/address.hpp"
#include "towl/record/json_text.hpp"
#include "towl/record/level.hpp"
#include "towl/record/names.hpp"

namespace towl {
namespace {

struct Known {
  std::string_view name;
  ColumnKind kind;
};

constexpr std::array<Known, 16> kKnown = {{{"time", ColumnKind::time},
                                           {"received", ColumnKind::received},
                                           {"time_ns", ColumnKind::time_ns},
                                           {"received_ns", ColumnKind::received_ns},
                                           {"host", ColumnKind::host},
                                           {"sender", ColumnKind::host},
                                           {"level", ColumnKind::level},
                                           {"message", ColumnKind::message},
                                           {"identifier", ColumnKind::identifier},
                                           {"unit", ColumnKind::unit},
                                           {"fields", ColumnKind::fields},
                                           {"title", ColumnKind::title},
                                           {"org", ColumnKind::org},
                                           {"file_id", ColumnKind::file_id},
                                           {"file_uuid", ColumnKind::file_uuid},
                                           {"ordinal", ColumnKind::ordinal}}};

EntryColumn column_called(std::string_view name) {
  const auto known = std::find_if(kKnown.begin(), kKnown.end(), [&](const Known& one) { return one.name == name; });
  return {std::string(name), known == kKnown.end() ? ColumnKind::field : known->kind};
}

CellValue cell_of(const std::optional<std::string_view>& text) {
  return text ? CellValue(*text) : CellValue(NoValue{});
}

}  // namespace

Result<std::vector<EntryColumn>> read_columns(std::string_view names) {
  std::vector<EntryColumn> columns;
  for (;;) {
    const auto comma = names.find(',');
    const std::string_view name = names.substr(0, comma);
    const bool is_twice =
        std::any_of(columns.begin(), columns.end(), [&](const auto& one) { return one.name == name; });
    if (name.empty() || is_twice) {
      return fail(ErrorCode::invalid_argument, name.empty()
                                                   ? "columns: names with commas between them, e.g. time,host,message"
                                                   : "columns: " + std::string(name) + " is there twice");
    }
    columns.push_back(column_called(name));
    if (comma == std::string_view::npos) return columns;
    names.remove_prefix(comma + 1);
  }
}

std::vector<EntryColumn> usual_columns() {
  std::vector<EntryColumn> columns;
  for (const char* name : {"time", "time_ns", "host", "level", "message", "identifier", "unit", "fields", "received",
                           "file_uuid", "ordinal"}) {
    columns.push_back(column_called(name));
  }
  return columns;
}

Wanted wanted_of(const std::vector<EntryColumn>& columns) {
  // Times are always counted.
  Wanted wanted{.sender = false, .received = true, .text = false, .time = true};
  for (const EntryColumn& column : columns) {
    wanted.sender |= column.kind == ColumnKind::host;
    wanted.text |= column.kind == ColumnKind::level || column.kind == ColumnKind::message ||
                   column.kind == ColumnKind::identifier || column.kind == ColumnKind::unit ||
                   column.kind == ColumnKind::fields || column.kind == ColumnKind::field;
  }
  return wanted;
}

bool is_always_utf8(ColumnKind kind) {
  // An object was read as JSON, which is UTF-8 or none; a text is written as JSON.
  return kind == ColumnKind::level || kind == ColumnKind::fields || kind == ColumnKind::file_uuid;
}

CellType type_of(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::time:
    case ColumnKind::received:
      return CellType::time;
    case ColumnKind::time_ns:
    case ColumnKind::received_ns:
    case ColumnKind::file_id:
    case ColumnKind::ordinal:
      return CellType::number;
    default:
      return CellType::text;
  }
}

void CellReader::set(const FoundEntry& entry) {
  entry_ = &entry;
  record_.set(entry.entry);
}

CellValue CellReader::field(std::string_view name) const {
  return record_.has_fields() ? cell_of(record_.find(name)) : CellValue(NoValue{});
}

CellValue CellReader::cell(const EntryColumn& column) {
  const EntryView& entry = entry_->entry;
  switch (column.kind) {
    case ColumnKind::time:
      return TimeValue{entry.time()};
    case ColumnKind::received:
      return TimeValue{entry.received};
    case ColumnKind::time_ns:
      return entry.time();
    case ColumnKind::received_ns:
      return entry.received;
    case ColumnKind::host:
      return entry.sender;
    case ColumnKind::level: {
      const auto level = record_.level();
      return level ? CellValue(level_name(*level)) : CellValue(NoValue{});
    }
    case ColumnKind::message:
      return record_.message();
    case ColumnKind::identifier:
      return field(field::kIdentifier);
    case ColumnKind::unit:
      return field("_SYSTEMD_UNIT");
    case ColumnKind::fields:
      if (record_.has_fields()) return entry.log_entry;
      text_ = "{\"MESSAGE\":";
      append_json_text(entry.log_entry, text_);
      text_ += '}';
      return std::string_view(text_);
    case ColumnKind::title:
      return std::string_view(entry_->header->title);
    case ColumnKind::org:
      return std::string_view(entry_->header->org);
    case ColumnKind::file_id:
      return static_cast<std::int64_t>(entry_->file_id());
    case ColumnKind::file_uuid:
      if (entry_->header->uuid == Uuid{}) return NoValue{};
      if (uuid_text_.empty() || uuid_ != entry_->header->uuid) {
        uuid_ = entry_->header->uuid;
        uuid_text_ = uuid_text(uuid_);
      }
      return std::string_view(uuid_text_);
    case ColumnKind::ordinal:
      return static_cast<std::int64_t>(entry_->ordinal);
    case ColumnKind::field:
      return field(column.name);
  }
  return NoValue{};
}

}  // namespace towl

// What filters look at: some entries of one file, and their fields.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/header.hpp"
#include "towl/query/expression.hpp"
#include "towl/record/level.hpp"
#include "towl/record/names.hpp"
#include "towl/record/record_view.hpp"
#include "towl/time.hpp"

namespace towl::detail {

/// What is known of a file before any of its entries is read; as text if the value is a text.
struct FileFacts {
  Header header;
  std::string uuid = {};  ///< 32 hexadecimal digits; zeros in format 1.
  std::string id = {};

  explicit FileFacts(Header of);
};

/// One thread at a time.
class Batch {
 public:
  void set(const FileFacts& file, Ordinal first, std::span<const EntryView> entries, std::string_view bytes);

  const FileFacts& file() const { return *file_; }
  Ordinal first() const { return first_; }
  std::span<const EntryView> entries() const { return entries_; }
  /// All texts lie within these, ascending; empty if they do not.
  std::string_view bytes() const { return bytes_; }
  /// Some entries have fields.
  bool has_records() const { return has_records_; }

  /// What the entry says, read when it is first asked for.
  const RecordView& record(std::size_t row);

  /// RecordView::message() without reading more than is needed.
  std::string_view message(std::size_t row) {
    const EntryView& entry = entries_[row];
    return entry.log_format == LogFormat::journal_json ? record(row).message() : entry.log_entry;
  }

  /// Calls `passes` with the values of `field`, until it returns true, which is then returned.
  template <class Passes>
  bool any_value(const Field& field, std::size_t row, Passes passes);

 private:
  template <class Passes>
  bool any_field(std::string_view name, std::size_t row, Passes passes);

  const FileFacts* file_ = nullptr;
  Ordinal first_ = 0;
  std::span<const EntryView> entries_;
  std::string_view bytes_;
  bool has_records_ = false;
  RecordView record_;
  std::optional<std::size_t> record_row_;
};

template <class Passes>
bool Batch::any_field(std::string_view name, std::size_t row, Passes passes) {
  const EntryView& entry = entries_[row];
  if (name == "SENDER" && passes(entry.sender)) return true;
  const RecordView& said = record(row);
  bool found = false;
  for (const RecordField& field : said.fields()) {
    if (field.name != name) continue;
    found = true;
    if (passes(field.value)) return true;
  }
  // What is printed can be asked for.
  for (const RecordField& field : said.implied()) {
    if (field.name == name && passes(field.value)) return true;
  }
  return name == field::kMessage && !found && passes(said.message());
}

template <class Passes>
bool Batch::any_value(const Field& field, std::size_t row, Passes passes) {
  const EntryView& entry = entries_[row];
  switch (field.kind) {
    case FieldKind::message:
      return passes(message(row));
    case FieldKind::raw:
      return passes(entry.log_entry);
    case FieldKind::sender:
      return passes(entry.sender);
    case FieldKind::any:
      if (passes(message(row)) || passes(entry.sender)) return true;
      if (entry.log_format != LogFormat::journal_json) return false;
      for (const RecordField& one : record(row).fields()) {
        if (passes(one.value)) return true;
      }
      return false;
    case FieldKind::level: {
      if (entry.log_format != LogFormat::journal_json) return false;
      const auto level = record(row).level();
      return level && passes(level_name(*level));
    }
    case FieldKind::unit:
      return entry.log_format == LogFormat::journal_json && record(row).has_unit(passes);
    case FieldKind::time:
      return passes(std::string_view(format_rfc3339(entry.time()).view()));
    case FieldKind::received:
      return passes(std::string_view(format_rfc3339(entry.received).view()));
    case FieldKind::format:
      return passes(std::string_view(std::to_string(static_cast<int>(entry.log_format))));
    case FieldKind::ordinal:
      return passes(std::string_view(std::to_string(first_ + row)));
    case FieldKind::file_id:
      return passes(std::string_view(file_->id));
    case FieldKind::file:
      return passes(std::string_view(file_->uuid));
    case FieldKind::title:
      return passes(std::string_view(file_->header.title));
    case FieldKind::org:
      return passes(std::string_view(file_->header.org));
    case FieldKind::named:
      return any_field(field.name, row, passes);
  }
  return false;
}

}  // namespace towl::detail

// RecordView is what a stored entry says, for readers: its message, level, sender, unit and fields.
//
// An entry with fields is one JSON object (log format 1), read when it is first asked for; any other entry is only its
// text, with neither level nor fields. The fields are the journal's (https://systemd.io/JOURNAL_EXPORT_FORMATS/,
// "Journal JSON Format"): a value is a string, an array of byte values if it is not UTF-8, null if it was too large, or
// an array of these for a repeated field.
// Ownership: borrows the entry; returned views are valid until the next set(). Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "towl/entry.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/record/level.hpp"
#include "towl/record/time_zone.hpp"

namespace towl {

struct RecordField {
  std::string_view name;
  std::string_view value;  ///< A string's text, or its bytes; for any other value the JSON.
};

class RecordView {
 public:
  RecordView();
  RecordView(RecordView&&) noexcept;
  RecordView& operator=(RecordView&&) noexcept;
  ~RecordView();

  /// From now on all is about `entry`. Nothing is read yet.
  void set(const EntryView& entry);

  const EntryView& entry() const;

  /// False for a text, and for a JSON object that cannot be read: then it is a text, too.
  bool has_fields() const;

  /// The members of the object; of repeated names only the last.
  std::span<const JsonMember> members() const;

  /// All values of all fields in their order: a repeated field several times, a null not at all.
  std::span<const RecordField> fields() const;

  /// What the entry says in addition to its fields, in the journal's terms: __REALTIME_TIMESTAMP (`received`),
  /// _SOURCE_REALTIME_TIMESTAMP (its event time, if that differs) and _HOSTNAME (its sender). What a field already says
  /// is left out.
  std::span<const RecordField> implied() const;

  /// The first value of a field of the entry itself; implied() is not searched.
  std::optional<std::string_view> find(std::string_view name) const;

  /// A field that is a whole number.
  std::optional<std::uint64_t> number(std::string_view name) const;

  /// The message; for an object without a message, the object.
  std::string_view message() const;

  /// Its PRIORITY, else what the best name for a level says (names.hpp).
  std::optional<Level> level() const;

  /// When it says that it happened, for code that stores entries; readers have this time from the file. `is_unreadable`
  /// is set if it says a time that cannot be read.
  std::optional<Timestamp> said_time(const TimeZone& zone, bool& is_unreadable) const;

  /// True if `matches` is true for one of the units that it is from or about: _SYSTEMD_UNIT, UNIT, service.name …
  template <class Matches>
  bool has_unit(Matches matches) const {
    for (const RecordField& field : fields()) {
      if (is_unit(field) && matches(field.value)) return true;
    }
    return false;
  }

 private:
  static bool is_unit(const RecordField& field);

  struct State;
  std::unique_ptr<State> state_;
};

/// Appends an entry with fields as one JSON object in one line: what it implies, then its members as they are stored.
void append_json_record(const RecordView& record, std::string& to);

/// Appends any entry as an object with its parts: file_id, ordinal, sender, time, received, log_format, log_entry.
void append_json_entry(FileId file_id, Ordinal ordinal, const EntryView& entry, std::string& to);

}  // namespace towl

// RecordView is what a stored entry says, for readers: its message, level, sender, unit and fields.
//
// An entry with fields is one JSON object (log format 1), read when it is first asked for; any other is its text alone,
// with neither level nor fields. The fields are the journal's (https://systemd.io/JOURNAL_EXPORT_FORMATS/, "Journal
// JSON Format"): a value is a string, an array of byte values if it is not UTF-8, null if it was too large, or an array
// of these for a field that is there repeatedly. Ownership: borrows the entry; what it gives is valid until the next
// set(). Threads:   one at a time.
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
  std::string_view value;  ///< A string's text, or its bytes; of all else the JSON.
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

  /// The members of the object, repeated names but the last left out.
  std::span<const JsonMember> members() const;

  /// All values of all fields in their order; a repeated field is there several times, a null not at all.
  std::span<const RecordField> fields() const;

  /// What the entry says besides its fields, in the journal's terms: __REALTIME_TIMESTAMP (`received`),
  /// _SOURCE_REALTIME_TIMESTAMP (its event time, if that is another) and _HOSTNAME (its sender), as far as no field
  /// says it.
  std::span<const RecordField> implied() const;

  /// The first value of a field; of a field alone, not of what is implied.
  std::optional<std::string_view> find(std::string_view name) const;

  /// A field that is a whole number.
  std::optional<std::uint64_t> number(std::string_view name) const;

  /// What it says. Of an object without a message, the object.
  std::string_view message() const;

  /// Its PRIORITY, else what the best name for a level says (names.hpp).
  std::optional<Level> level() const;

  /// The time that it says it happened, for those who take entries in; readers have it from the file. `is_unreadable`
  /// is set if it says one that cannot be read.
  std::optional<Timestamp> said_time(const TimeZone& zone, bool& is_unreadable) const;

  /// True if `matches` is for one of the units that it is of, or about: _SYSTEMD_UNIT, UNIT, service.name …
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

/// Appends any entry as an object of what it is made of: file_id, ordinal, sender, time, received, log_format, log_entry.
void append_json_entry(FileId file_id, Ordinal ordinal, const EntryView& entry, std::string& to);

}  // namespace towl

// Draft is an entry on its way from a source to the store: a text, and fields with what is known about it.
//
// Stored form: without fields the text as it is (log format 0); with fields one JSON object (log format 1) in systemd
//              journal's terms, the text as its MESSAGE. encode_draft() does that.
// Threads:     one at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/entry.hpp"
#include "towl/record/names.hpp"
#include "towl/time.hpp"

namespace towl {

struct DraftField {
  std::string name;
  std::string value;  ///< Any bytes; or, with `is_json`, one JSON value: a number, true, an object.
  bool is_json = false;

  friend bool operator==(const DraftField&, const DraftField&) = default;
};

class Draft {
 public:
  std::string text;
  std::string sender;  ///< Usually a host's name. Empty: the input's default.
  Timestamp received = 0;
  std::optional<Timestamp> time = {};  ///< Event time: when the entry says that it happened.
  bool is_time_unreadable = false;     ///< It says when, but that cannot be read: to be counted.
  std::vector<DraftField> fields;      ///< MESSAGE is not usually among them: it is `text`. Names are unique.
  /// Set if `text` is a whole JSON object that is stored as it is; `fields` (labels, say) are put into it.
  bool is_journal_json = false;
  /// Read from the journal: stored as `journalctl -o json` writes it.
  bool is_from_journal = false;
  /// An empty `text` means no MESSAGE: the source has none.
  bool may_lack_message = false;
  /// `text` is the beginning or the middle of one: a container's runtime cuts long lines, and says so.
  bool is_partial = false;

  /// Empty, with its memory kept.
  void clear() {
    text.clear();
    sender.clear();
    received = 0;
    time.reset();
    is_time_unreadable = false;
    while (!fields.empty() && spare_.size() < kMaxSpareFields) {
      if (fields.back().value.capacity() <= kMaxSpareBytes) spare_.push_back(std::move(fields.back()));
      fields.pop_back();
    }
    fields.clear();
    is_journal_json = false;
    is_from_journal = false;
    may_lack_message = false;
    is_partial = false;
  }

  const DraftField* find(std::string_view name) const {
    for (const DraftField& field : fields) {
      if (field.name == name) return &field;
    }
    return nullptr;
  }

  /// Adds the field, or replaces its value.
  void set(std::string_view name, std::string_view value, bool is_json = false) {
    for (DraftField& field : fields) {
      if (field.name != name) continue;
      field.value.assign(value);
      field.is_json = is_json;
      return;
    }
    add(name, value, is_json);
  }

  /// Adds a field with a name that no other field has; reuses the memory of fields from before clear().
  void add(std::string_view name, std::string_view value, bool is_json = false) {
    if (spare_.empty()) {
      fields.push_back({std::string(name), std::string(value), is_json});
      return;
    }
    DraftField& field = fields.emplace_back(std::move(spare_.back()));
    spare_.pop_back();
    field.name.assign(name);
    field.value.assign(value);
    field.is_json = is_json;
  }

  /// Sets the event time, and the field that says it in the journal's terms: files of format 1 and other programs have
  /// it from there. A time before 1970 has no such field.
  void set_time(Timestamp when);

  /// Sets PRIORITY.
  void set_level(Level level) {
    const char digit = static_cast<char>('0' + level);
    set(field::kPriority, {&digit, 1});
  }

  /// True if it was there.
  bool remove(std::string_view name) {
    return std::erase_if(fields, [&](const DraftField& field) { return field.name == name; }) > 0;
  }

 private:
  static constexpr std::size_t kMaxSpareFields = 32;
  static constexpr std::size_t kMaxSpareBytes = 256;  // A longer value's memory is given back.
  std::vector<DraftField> spare_ = {};
};

/// The log format of the draft's stored form.
LogFormat format_of(const Draft& draft);

/// Appends the draft's stored form to `to`. Strings that are not UTF-8 become arrays of byte values in JSON, as in
/// systemd's "Journal JSON Format". Of several fields with one name the last is stored; one named MESSAGE takes the
/// place of the text.
void encode_draft(const Draft& draft, std::string& to);

}  // namespace towl

// Draft is an entry on its way from a source to the store: a text, and what is known about it, as fields.
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
#include "towl/time.hpp"

namespace towld {

struct Field {
  std::string name;
  std::string value;  ///< Any bytes; or, with `is_json`, one JSON value: a number, true, an object.
  bool is_json = false;

  friend bool operator==(const Field&, const Field&) = default;
};

/// Fields with a meaning of their own: those of systemd.journal-fields(7), and ours.
namespace field {
inline constexpr std::string_view kMessage = "MESSAGE";
inline constexpr std::string_view kPriority = "PRIORITY";  ///< syslog's severities, "0" emergency to "7" debug.
inline constexpr std::string_view kIdentifier = "SYSLOG_IDENTIFIER";
inline constexpr std::string_view kHost = "_HOSTNAME";
/// Microseconds since the epoch: when the source says that it happened.
inline constexpr std::string_view kSourceTime = "_SOURCE_REALTIME_TIMESTAMP";
/// The parser or protocol that could not make sense of the text, which is stored as it came.
inline constexpr std::string_view kUnparsed = "TOWL_UNPARSED";
/// The text was cut to the limit; it had so many bytes.
inline constexpr std::string_view kOriginalBytes = "TOWL_ORIGINAL_BYTES";
}  // namespace field

class Draft {
 public:
  std::string text;
  std::string sender;                        ///< Usually a host's name. Empty: the input's default.
  towl::Timestamp received = 0;              ///< When it arrived; parsers leave it alone.
  std::optional<towl::Timestamp> time = {};  ///< Event time: when the entry says that it happened.
  bool is_time_unreadable = false;           ///< It says when, and that cannot be read: it is counted.
  std::vector<Field> fields;                 ///< MESSAGE is not usually among them: it is `text`. Names are unique.
  /// Set where `text` is a whole JSON object that is stored as it is; `fields` (labels, say) are put into it.
  bool is_journal_json = false;
  /// Read from the journal: stored as `journalctl -o json` writes it. An empty `text` is no MESSAGE then.
  bool is_from_journal = false;

  /// Empty, with its memory kept.
  void clear() {
    text.clear();
    sender.clear();
    received = 0;
    time.reset();
    is_time_unreadable = false;
    fields.clear();
    is_journal_json = false;
    is_from_journal = false;
  }

  const Field* find(std::string_view name) const {
    for (const Field& field : fields) {
      if (field.name == name) return &field;
    }
    return nullptr;
  }

  /// Adds the field, or replaces its value.
  void set(std::string_view name, std::string_view value, bool is_json = false) {
    for (Field& field : fields) {
      if (field.name != name) continue;
      field.value.assign(value);
      field.is_json = is_json;
      return;
    }
    fields.push_back({std::string(name), std::string(value), is_json});
  }

  /// True where it was there.
  bool remove(std::string_view name) {
    return std::erase_if(fields, [&](const Field& field) { return field.name == name; }) > 0;
  }
};

/// The log format of the draft's stored form.
towl::LogFormat format_of(const Draft& draft);

/// Appends the draft's stored form to `to`. Strings that are not UTF-8 become arrays of byte values in JSON, as in
/// systemd's (systemd's "Journal JSON Format"). Of fields of one name the last is stored; one named MESSAGE takes the
/// place of the text.
void encode_draft(const Draft& draft, std::string& to);

}  // namespace towld

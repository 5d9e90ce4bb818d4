// JournalEntry is one systemd journal entry, read from the JSON that `journalctl -o json` prints.
//
// Format: https://systemd.io/JOURNAL_EXPORT_FORMATS/, "Journal JSON Format": a value is a string, an array of byte
// values where it is not UTF-8, null where it was too large, or an array of these where the field occurs repeatedly.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/time.hpp"

namespace towlctl {

struct JournalField {
  std::string name;
  std::string value;
};

class JournalEntry {
 public:
  /// All fields in their order; a repeated one several times. A null is left out.
  const std::vector<JournalField>& fields() const { return fields_; }

  /// The first value of a field.
  std::optional<std::string_view> find(std::string_view name) const;

  /// A field that is a whole number.
  std::optional<std::uint64_t> number(std::string_view name) const;

  /// The text: MESSAGE, or nothing.
  std::string_view message() const { return find("MESSAGE").value_or(std::string_view()); }

 private:
  friend class JournalParser;
  std::vector<JournalField> fields_;
};

/// When a journal entry says that it happened: what its source says, else journald. For those who take entries in:
/// readers have it from the file.
std::optional<towl::Timestamp> time_of(const JournalEntry& journal);

/// Parses one entry after the other, reusing its memory. One thread at a time.
class JournalParser {
 public:
  /// nullptr where `text` is not a JSON object. Valid until the next call.
  const JournalEntry* parse(std::string_view text);

 private:
  simdjson::dom::parser parser_;
  JournalEntry entry_;
};

}  // namespace towlctl

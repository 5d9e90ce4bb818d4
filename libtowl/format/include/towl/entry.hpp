// An entry: who sent it, when it was received, in which format its text is, and the text.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "towl/time.hpp"

namespace towl {

/// An entry's position in its file, 0 for the first.
using Ordinal = std::uint64_t;
/// A towl file's number, unique in its store and never used again.
using FileId = std::uint64_t;

/// What an entry's text is. Files may hold other codes, which are kept as they are.
enum class LogFormat : std::int32_t {
  text = 0,          ///< Free text: the line as it was logged.
  journal_json = 1,  ///< One JSON object as `journalctl -o json` prints it.
};

/// An entry that borrows its strings. Its bytes are kept as they are: no encoding is enforced, NULs are allowed.
struct EntryView {
  std::string_view sender;
  Timestamp received = 0;
  LogFormat log_format = LogFormat::text;
  std::string_view log_entry;

  friend bool operator==(const EntryView&, const EntryView&) = default;
};

/// Which parts of entries a reader wants: what it does not, may be left empty or zero, and then costs little.
struct Wanted {
  bool sender = true;
  bool received = true;
  bool text = true;
};

/// An entry that owns its strings.
struct Entry {
  std::string sender;
  Timestamp received = 0;
  LogFormat log_format = LogFormat::text;
  std::string log_entry;

  Entry() = default;
  Entry(std::string sender_, Timestamp received_, LogFormat log_format_, std::string log_entry_)
      : sender(std::move(sender_)), received(received_), log_format(log_format_), log_entry(std::move(log_entry_)) {}
  explicit Entry(const EntryView& view)
      : sender(view.sender), received(view.received), log_format(view.log_format), log_entry(view.log_entry) {}

  /// A view of this entry, valid while the entry lives and is not changed.
  EntryView view() const { return {sender, received, log_format, log_entry}; }
  operator EntryView() const {
    return view();
  }  // NOLINT(google-explicit-constructor): an Entry is usable wherever a view is

  friend bool operator==(const Entry&, const Entry&) = default;
};

}  // namespace towl

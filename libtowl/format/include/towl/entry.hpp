// An entry: who sent it, when it was received, the format of its text, the text, and when it happened.
//
// An entry has two times. `received` is when towl first received it, by the clock of the towld or the library that
// did; it never changes afterwards. time() is the *event time*: when the event happened, as the entry itself says. The
// program that takes an entry in computes the event time once and passes it on; readers never derive it from the text.
//
// The event time is kept as its difference to `received`. So an entry that does not say when it happened has `received`
// as its event time: an entry of format 1, for example, or one built from the first four members. Code that builds an
// entry from the parts of another one must pass `time_offset` on as well.
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

/// The time_offset of an entry that was received and happened at these times: their difference modulo 2^64, so that any
/// two times have one.
constexpr std::int64_t time_offset_of(Timestamp received, Timestamp time) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(received));
}

/// The event time that time_offset_of() was given.
constexpr Timestamp event_time(Timestamp received, std::int64_t time_offset) {
  return static_cast<Timestamp>(static_cast<std::uint64_t>(received) + static_cast<std::uint64_t>(time_offset));
}

/// An entry that borrows its strings. Its bytes are kept as they are: no encoding is enforced, NULs are allowed.
struct EntryView {
  std::string_view sender;
  Timestamp received = 0;
  LogFormat log_format = LogFormat::text;
  std::string_view log_entry;
  std::int64_t time_offset = 0;  ///< From `received` to the event time, modulo 2^64.

  /// The event time.
  Timestamp time() const { return event_time(received, time_offset); }
  /// Sets the event time. `received` comes first: when it changes later, the event time changes with it.
  void set_time(Timestamp time) { time_offset = time_offset_of(received, time); }

  friend bool operator==(const EntryView&, const EntryView&) = default;
};

/// Which parts of entries a reader wants. The other parts may be left empty or zero, and then cost little.
struct Wanted {
  bool sender = true;
  bool received = true;
  bool text = true;
  bool time = true;  ///< The event time; `received` comes with it.
};

/// An entry that owns its strings.
struct Entry {
  std::string sender;
  Timestamp received = 0;
  LogFormat log_format = LogFormat::text;
  std::string log_entry;
  std::int64_t time_offset = 0;  ///< From `received` to the event time, modulo 2^64.

  Entry() = default;
  /// Without `time_offset` the event time is `received`.
  Entry(std::string sender_, Timestamp received_, LogFormat log_format_, std::string log_entry_,
        std::int64_t time_offset_ = 0)
      : sender(std::move(sender_)),
        received(received_),
        log_format(log_format_),
        log_entry(std::move(log_entry_)),
        time_offset(time_offset_) {}
  explicit Entry(const EntryView& view)
      : sender(view.sender),
        received(view.received),
        log_format(view.log_format),
        log_entry(view.log_entry),
        time_offset(view.time_offset) {}

  /// The event time.
  Timestamp time() const { return event_time(received, time_offset); }
  /// Sets the event time. `received` comes first: when it changes later, the event time changes with it.
  void set_time(Timestamp time) { time_offset = time_offset_of(received, time); }

  /// A view of this entry, valid while the entry lives and is not changed.
  EntryView view() const { return {sender, received, log_format, log_entry, time_offset}; }
  operator EntryView() const {
    return view();
  }  // NOLINT(google-explicit-constructor): an Entry is usable wherever a view is

  friend bool operator==(const Entry&, const Entry&) = default;
};

}  // namespace towl

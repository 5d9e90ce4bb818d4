// Puts the members that a parser found in a text into a draft; some of them have a meaning of their own. Every input
// goes through here, so that the same members become the same entry.
//
// message:      MESSAGE, whatever it is; else the string with the best name for it becomes the text, and is no field.
// sender:       the string with the best name for it becomes the sender, and is no field; journald's _HOSTNAME is both.
// level:        PRIORITY is set to it.
// time:         the draft's event time is set to it. That is stored next to the text, and not in it once more.
// Members with level and time are kept as they are: what was read from them may be less than they say. So are all
// others, numbers to the digit. If several members say the same thing, the one with the best name that can be
// understood counts (names.hpp).
#pragma once

#include <span>
#include <string_view>

#include "towl/record/draft.hpp"
#include "towl/record/json_reader.hpp"
#include "towl/record/time_zone.hpp"

namespace towl {

/// A longer name of a sender is kept as a field.
inline constexpr std::size_t kMaxSenderBytes = 255;

/// Puts `members` into the draft; they replace fields with the same names. With `is_entry` they are the entry; without
/// it they are only a part of it, and message and sender stay fields. `zone` is for times that name none.
void put_members(std::span<const JsonMember> members, bool is_entry, const TimeZone& zone, Draft& draft);

/// Reads JSON objects into drafts.
/// Threads: one at a time. Holds memory for the largest text read so far.
class JsonEntryReader {
 public:
  explicit JsonEntryReader(TimeZone zone = TimeZone::local(), const JsonLimits& limits = {});

  /// Makes `text`, one JSON object with or without space around it, the entry of `draft`. The draft keeps its fields,
  /// `received` and `sender` unless the object says otherwise. An object without members is stored as a
  /// text. After an error the draft is as it was. Errors: invalid_argument, entry_too_large.
  Result<void> read(std::string_view text, Draft& draft);

  /// The same without a copy: JsonReader::kPaddingBytes after `text` may be read.
  Result<void> read_padded(std::string_view text, Draft& draft);

  /// Puts the members of `text` into the draft as a part of it: see put_members().
  Result<void> read_part(std::string_view text, Draft& draft);

 private:
  void put(std::span<const JsonMember> members, std::string_view text, Draft& draft);

  JsonReader reader_;
  TimeZone zone_;
};

}  // namespace towl

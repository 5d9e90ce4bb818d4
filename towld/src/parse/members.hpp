// What a parser found in a text, on its way into the draft: members, some of which have a meaning of their own.
//
// The message: MESSAGE, message, msg or log (the first of these that is there) becomes the text.
// The level:   PRIORITY, level, severity and their like also set PRIORITY, which min_level and readers go by.
// The time:    time, timestamp, ts, @timestamp and their like also set _SOURCE_REALTIME_TIMESTAMP.
// Members of level and time are kept as they are; so are all others.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "limits/limits.hpp"
#include "parse/draft.hpp"

namespace towld {

/// Puts `members` into the draft; those of a name that it has replace it, and of two of one name the last counts. With
/// `with_message`, the message becomes the text; else it is a field as any other.
void put_members(std::vector<Field> members, bool with_message, Draft& draft);

/// The value of a field, MESSAGE being the text. nullopt where it is not there. Valid until the draft changes.
std::optional<std::string_view> value_of(const Draft& draft, std::string_view name);

/// Sets the field, MESSAGE being the text.
void set_value(Draft& draft, std::string_view name, std::string_view value, bool is_json = false);

}  // namespace towld

// What parsers put into drafts, and look up there. What members mean is towl::put_members()'s to say.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "limits/limits.hpp"
#include "parse/draft.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

/// Puts what was found in a text into the draft; of two of one name the last counts. If `is_text` is false, they were
/// found in a field.
void put_found(const std::vector<Field>& found, bool is_text, const towl::TimeZone& zone, Draft& draft);

/// The value of a field, MESSAGE being the text. nullopt if it is not there. Valid until the draft changes.
std::optional<std::string_view> value_of(const Draft& draft, std::string_view name);

/// Sets the field, MESSAGE being the text.
void set_value(Draft& draft, std::string_view name, std::string_view value, bool is_json = false);

}  // namespace towld

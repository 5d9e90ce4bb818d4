#include "parse/members.hpp"

#include "towl/record/members.hpp"

namespace towld {

void put_found(const std::vector<Field>& found, bool is_text, const towl::TimeZone& zone, Draft& draft) {
  std::vector<towl::JsonMember> members;
  members.reserve(found.size());
  for (const Field& field : found) {
    const auto kind = field.is_json ? towl::JsonKind::number : towl::JsonKind::string;
    members.push_back({.name = field.name, .text = field.value, .json = field.value, .kind = kind});
  }
  towl::put_members(members, is_text, zone, draft);
}

std::optional<std::string_view> value_of(const Draft& draft, std::string_view name) {
  if (name.empty() || name == field::kMessage) return draft.text;
  const Field* field = draft.find(name);
  return field != nullptr ? std::optional<std::string_view>(field->value) : std::nullopt;
}

void set_value(Draft& draft, std::string_view name, std::string_view value, bool is_json) {
  if (name.empty() || name == field::kMessage) {
    draft.text.assign(value);
  } else {
    draft.set(name, value, is_json);
  }
}

}  // namespace towld

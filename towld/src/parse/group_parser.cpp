#include "parse/group_parser.hpp"

#include <algorithm>

#include "parse/members.hpp"
#include "towl/record/json_text.hpp"

namespace towld {

GroupParser::GroupParser(Pattern pattern, std::vector<GroupField> groups, std::string field)
    : pattern_(std::move(pattern)), groups_(std::move(groups)), group_count_(1), field_(std::move(field)) {
  for (const GroupField& group : groups_) {
    group_count_ = std::max(group_count_, static_cast<std::size_t>(group.group) + 1);
  }
}

Parser::Outcome GroupParser::apply(Draft& draft) const {
  const auto value = value_of(draft, field_);
  if (!value) return Outcome::failed;
  std::vector<re2::StringPiece> found(group_count_);
  if (!pattern_.match(*value, found)) return Outcome::failed;
  std::vector<Field> members;
  members.reserve(groups_.size());
  for (const GroupField& group : groups_) {
    const re2::StringPiece& text = found[static_cast<std::size_t>(group.group)];
    if (text.data() == nullptr) continue;  // an alternative that was not taken
    const std::string_view view(text.data(), text.size());
    members.push_back({group.name, std::string(view), group.is_number && towl::is_json_number(view)});
  }
  put_found(members, field_.empty() || field_ == field::kMessage, zone_, draft);
  return Outcome::done;
}

}  // namespace towld

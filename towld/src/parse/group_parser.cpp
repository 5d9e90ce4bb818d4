#include "parse/group_parser.hpp"

#include <algorithm>

#include "parse/members.hpp"
#include "towl/record/json_text.hpp"

namespace towld {

namespace {

/// A container's runtime cut the line: its tag says so.
bool is_partial(const Draft& draft) {
  const Field* tag = draft.find("logtag");
  return tag != nullptr && (tag->value == "P" || tag->value.starts_with("P:")) && draft.find("stream") != nullptr;
}

/// True if nothing but space is outside of the match.
bool is_covered(std::string_view text, const re2::StringPiece& match) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = static_cast<std::size_t>(match.data() - text.data());
  return text.substr(0, begin).find_first_not_of(kSpace) == std::string_view::npos &&
         text.find_first_not_of(kSpace, begin + match.size()) == std::string_view::npos;
}

}  // namespace

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
  const bool is_text = field_.empty() || field_ == field::kMessage;
  if (!is_text || is_covered(*value, found[0])) {
    put_found(members, is_text, zone_, draft);
    if (is_text) draft.is_partial = is_partial(draft);
    return Outcome::done;
  }
  // A part of the text stands for all of it only if there is no more: a stack trace after the line, or what was before.
  std::erase_if(members, [](const Field& member) { return member.name == field::kMessage; });
  std::string text = draft.text;
  put_found(members, true, zone_, draft);
  draft.text = std::move(text);
  return Outcome::done;
}

}  // namespace towld

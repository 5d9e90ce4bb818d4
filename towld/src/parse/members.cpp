#include "parse/members.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>

#include "parse/level.hpp"
#include "parse/source_time.hpp"

namespace towld {
namespace {

constexpr std::array<std::string_view, 4> kMessageNames = {field::kMessage, "message", "msg", "log"};
constexpr std::array<std::string_view, 13> kLevelNames = {
    field::kPriority, "priority",      "level",     "LEVEL",     "Level",   "severity", "SEVERITY", "lvl",
    "log.level",      "severity_text", "levelname", "log_level", "loglevel"};
constexpr std::array<std::string_view, 12> kTimeNames = {field::kSourceTime, "time",      "timestamp", "ts",
                                                         "@timestamp",       "datetime",  "eventTime", "TIME",
                                                         "Timestamp",        "TIMESTAMP", "@t",        "date"};

/// The member of the first of `names` that is there and that `is_good`; of several of that name, the last.
template <class IsGood>
const Field* first_of(std::span<const std::string_view> names, const std::vector<Field>& members, IsGood is_good) {
  const Field* best = nullptr;
  std::size_t last_rank = names.size();
  for (const Field& member : members) {
    // Not looked up further than where something better is known.
    const auto known = names.first(std::min(names.size(), last_rank + 1));
    const auto rank = static_cast<std::size_t>(std::find(known.begin(), known.end(), member.name) - known.begin());
    if (rank == known.size() || !is_good(member)) continue;
    best = &member;
    last_rank = rank;
  }
  return best;
}

/// PRIORITY and the source's time, where `members` tell them.
std::vector<Field> recognise(const std::vector<Field>& members) {
  std::vector<Field> recognised;
  std::optional<int> level;
  first_of(kLevelNames, members, [&](const Field& member) {
    const auto parsed = parse_level(member.value);
    if (parsed) level = parsed;
    return parsed.has_value();
  });
  if (level) recognised.push_back({std::string(field::kPriority), std::to_string(*level)});
  std::optional<towl::Timestamp> time;
  first_of(kTimeNames, members, [&](const Field& member) {
    const auto parsed = parse_source_time(member.value);
    if (parsed) time = parsed;
    return parsed.has_value();
  });
  // Readers take it for microseconds from 1970 on.
  if (time && *time > 0) recognised.push_back({std::string(field::kSourceTime), std::to_string(*time / 1000)});
  return recognised;
}

/// Adds `members` to the draft's fields. By a map of names: pairs would take a hostile entry's time.
void add_fields(std::vector<Field> members, Draft& draft) {
  constexpr std::size_t kFew = 32;
  if (draft.fields.size() + members.size() <= kFew) {
    for (Field& member : members) {
      const auto same = [&](const Field& field) { return field.name == member.name; };
      const auto found = std::find_if(draft.fields.begin(), draft.fields.end(), same);
      if (found == draft.fields.end()) {
        draft.fields.push_back(std::move(member));
      } else {
        *found = std::move(member);
      }
    }
    return;
  }
  std::unordered_map<std::string, std::size_t> places;
  for (std::size_t i = 0; i < draft.fields.size(); ++i) places.emplace(draft.fields[i].name, i);
  for (Field& member : members) {
    const auto [place, added] = places.emplace(member.name, draft.fields.size());
    if (added) {
      draft.fields.push_back(std::move(member));
    } else {
      draft.fields[place->second] = std::move(member);
    }
  }
}

}  // namespace

void put_members(std::vector<Field> members, bool with_message, Draft& draft) {
  std::vector<Field> recognised = recognise(members);
  const auto names = std::span(kMessageNames).first(with_message ? kMessageNames.size() : 1);
  const auto is_text = [](const Field& member) { return !member.is_json || member.name == field::kMessage; };
  if (const Field* message = first_of(names, members, is_text)) {
    const std::string name = message->name;
    draft.text = message->value;
    std::erase_if(members, [&](const Field& member) { return member.name == name; });
  }
  add_fields(std::move(members), draft);
  for (const Field& one : recognised) draft.set(one.name, one.value);
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

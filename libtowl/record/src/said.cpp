#include "said.hpp"

#include "towl/record/event_time.hpp"

namespace towl::detail {
namespace {

/// mongod's log has a level as "s", other logs anything.
bool is_mongods_level(std::string_view text) {
  if (text.size() == 1) return std::string_view("FEWID").find(text[0]) != std::string_view::npos;
  return text.size() == 2 && text[0] == 'D' && text[1] >= '1' && text[1] <= '5';
}

}  // namespace

std::optional<Level> level_of(const JsonMember& member, const KnownName& known) {
  if (member.kind != JsonKind::string && member.kind != JsonKind::number) return std::nullopt;
  if (member.name.size() == 1) {
    if (!is_mongods_level(member.text)) return std::nullopt;
    return member.text[0] == 'D' ? kLeastSevere : parse_level(member.text);
  }
  return parse_level(member.text, known.scale);
}

std::optional<Timestamp> time_of(const JsonMember& member, const KnownName& known, const TimeZone& zone,
                                 Timestamp near) {
  if (member.kind != JsonKind::string && member.kind != JsonKind::number && member.kind != JsonKind::object) {
    return std::nullopt;
  }
  // mongod's log has the time as an object "t", other logs anything.
  if (member.name.size() == 1 && member.kind != JsonKind::object) return std::nullopt;
  const auto time = read_event_time(member.text, zone, near, known.unit_ns);
  // The journal's 0 is no time.
  return known.is_journals && time && *time <= 0 ? std::nullopt : time;
}

bool is_surely_time(const JsonMember& member, const KnownName& known) {
  constexpr std::uint8_t kAsctime = 13;  // "date" and "t" come after it.
  return known.rank <= kAsctime && !member.text.empty() && member.kind != JsonKind::null;
}

bool is_message(const JsonMember& member, const KnownName& known) {
  return member.kind == JsonKind::string || (known.is_journals && member.kind != JsonKind::null);
}

}  // namespace towl::detail

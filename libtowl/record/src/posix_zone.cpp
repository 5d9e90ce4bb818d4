#include "posix_zone.hpp"

#include "characters.hpp"
#include "towl/time.hpp"

namespace towl::detail {
namespace {

constexpr std::int64_t kDaySeconds = 86'400;

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_number(std::string_view& text, int least, int most, int& number) {
  number = 0;
  std::size_t digits = 0;
  for (; digits < text.size() && digits < 4 && is_digit(text[digits]); ++digits)
    number = number * 10 + (text[digits] - '0');
  text.remove_prefix(digits);
  return digits > 0 && number >= least && number <= most;
}

/// "CET", or anything in angle brackets: "<-03>".
bool take_name(std::string_view& text, std::string& name) {
  constexpr std::size_t kMost = 16;
  std::size_t end = 0;
  if (take(text, '<')) {
    while (end < text.size() && (is_letter(text[end]) || is_digit(text[end]) || text[end] == '+' || text[end] == '-'))
      ++end;
    name = text.substr(0, end);
    text.remove_prefix(end);
    if (!take(text, '>')) return false;
  } else {
    while (end < text.size() && is_letter(text[end])) ++end;
    name = text.substr(0, end);
    text.remove_prefix(end);
  }
  return name.size() >= 3 && name.size() <= kMost;
}

/// "[+-]hh[:mm[:ss]]"
bool take_time(std::string_view& text, int most_hours, std::int32_t& seconds) {
  const int sign = take(text, '-') ? -1 : 1;
  if (sign == 1) take(text, '+');
  int hours = 0;
  int minutes = 0;
  int rest = 0;
  if (!take_number(text, 0, most_hours, hours)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 0, 59, minutes)) return false;
    if (take(text, ':') && !take_number(text, 0, 59, rest)) return false;
  }
  seconds = sign * (hours * 3600 + minutes * 60 + rest);
  return true;
}

bool is_leap(std::int32_t year) { return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0; }

}  // namespace

bool PosixZone::take_change(std::string_view& text, Change& change) {
  if (take(text, 'M')) {
    change.kind = DayKind::of_month;
    if (!take_number(text, 1, 12, change.month) || !take(text, '.') || !take_number(text, 1, 5, change.week) ||
        !take(text, '.') || !take_number(text, 0, 6, change.day)) {
      return false;
    }
  } else if (take(text, 'J')) {
    change.kind = DayKind::of_year_without_leap_day;
    if (!take_number(text, 1, 365, change.day)) return false;
  } else {
    change.kind = DayKind::of_year;
    if (!take_number(text, 0, 365, change.day)) return false;
  }
  return !take(text, '/') || take_time(text, 167, change.time_s);
}

std::optional<PosixZone> PosixZone::parse(std::string_view text) {
  PosixZone zone;
  std::int32_t west = 0;
  if (!take_name(text, zone.standard_.abbreviation) || !take_time(text, 24, west)) return std::nullopt;
  zone.standard_.offset_s = -west;
  if (text.empty()) return zone;
  Kind daylight{.offset_s = zone.standard_.offset_s + 3600};
  if (!take_name(text, daylight.abbreviation)) return std::nullopt;
  if (!text.empty() && text.front() != ',') {
    if (!take_time(text, 24, west)) return std::nullopt;
    daylight.offset_s = -west;
  }
  // Without a rule glibc takes the one of the United States, and so do we.
  if (text.empty()) text = ",M3.2.0,M11.1.0";
  if (!take(text, ',') || !take_change(text, zone.begin_) || !take(text, ',') || !take_change(text, zone.end_)) {
    return std::nullopt;
  }
  zone.daylight_ = std::move(daylight);
  return text.empty() ? std::optional(std::move(zone)) : std::nullopt;
}

/// The second of the change in `year`, by the clock on the wall.
std::int64_t PosixZone::second_of(const Change& change, std::int32_t year) {
  std::int64_t day = 0;
  switch (change.kind) {
    case DayKind::of_year:
      day = days_from_civil(year, 1, 1) + change.day;
      break;
    case DayKind::of_year_without_leap_day:
      // 1 is the first of January, and the 29th of February is not counted.
      day = days_from_civil(year, 1, 1) + change.day - 1 + (is_leap(year) && change.day >= 60 ? 1 : 0);
      break;
    case DayKind::of_month: {
      const auto month = static_cast<unsigned>(change.month);
      const std::int64_t first = days_from_civil(year, month, 1);
      const std::int64_t next = month == 12 ? days_from_civil(year + 1, 1, 1) : days_from_civil(year, month + 1, 1);
      const auto weekday = static_cast<int>(((first + 4) % 7 + 7) % 7);  // The epoch was a Thursday.
      day = first + (change.day - weekday + 7) % 7 + std::int64_t{7} * (change.week - 1);
      while (day >= next) day -= 7;  // The fifth is the last.
      break;
    }
  }
  return day * kDaySeconds + change.time_s;
}

bool PosixZone::is_daylight(std::int64_t second) const {
  if (!daylight_) return false;
  const std::int64_t wall = second + standard_.offset_s;
  std::int64_t day = wall / kDaySeconds;
  if (wall % kDaySeconds < 0) --day;
  // A year by its days is wrong by one at most.
  auto year = static_cast<std::int32_t>(1970 + day * 400 / 146'097);
  while (days_from_civil(year, 1, 1) > day) --year;
  while (days_from_civil(year + 1, 1, 1) <= day) ++year;
  const std::int64_t begin = second_of(begin_, year) - standard_.offset_s;
  const std::int64_t end = second_of(end_, year) - daylight_->offset_s;
  return begin < end ? second >= begin && second < end : second >= begin || second < end;
}

}  // namespace towl::detail

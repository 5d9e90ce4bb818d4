#include "civil_text.hpp"

#include <array>

namespace towl::detail {
namespace {

/// Years outside of these have instants that a Timestamp cannot hold, or are no years.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

/// Three letters of one of `names`, of any case; npos if it is none.
template <std::size_t N>
std::size_t take_name(TextCursor& from, const std::array<std::string_view, N>& names) {
  const auto lower = [&](std::size_t i) { return static_cast<char>(from.peek(i) | 0x20); };
  const std::array<char, 3> name = {lower(0), lower(1), lower(2)};
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != std::string_view(name.data(), name.size())) continue;
    if (!is_letter(from.peek(0)) || !is_letter(from.peek(1)) || !is_letter(from.peek(2))) return N;
    from.skip(3);
    return i;
  }
  return N;
}

}  // namespace

std::optional<int> TextCursor::number(int least, int most) {
  int digits = 0;
  int value = 0;
  while (digits <= most && is_digit(peek(static_cast<std::size_t>(digits)))) {
    value = value * 10 + (peek(static_cast<std::size_t>(digits)) - '0');
    ++digits;
  }
  if (digits < least || digits > most) return std::nullopt;
  at_ += static_cast<std::size_t>(digits);
  return value;
}

std::optional<std::uint32_t> TextCursor::fraction(int& digits) {
  std::uint32_t value = 0;
  digits = 0;
  for (; is_digit(peek()); ++at_, ++digits) {
    if (digits < 9) value = value * 10 + static_cast<std::uint32_t>(peek() - '0');
  }
  if (digits == 0) return std::nullopt;
  for (int i = digits; i < 9; ++i) value *= 10;
  return value;
}

std::optional<int> take_month(TextCursor& from) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  const std::size_t month = take_name(from, kMonths);
  return month < kMonths.size() ? std::optional(static_cast<int>(month) + 1) : std::nullopt;
}

void skip_weekday(TextCursor& from) {
  constexpr std::array<std::string_view, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  TextCursor at = from;
  if (take_name(at, kDays) == kDays.size()) return;
  while (is_letter(at.peek())) at.skip(1);
  at.take(',');
  if (!at.take(' ')) return;
  from = at;
}

bool take_clock(TextCursor& from, WrittenTime& time, bool seconds_needed) {
  const auto hour = from.number(2, 2);
  if (!hour || !from.take(':')) return false;
  const auto minute = from.number(2, 2);
  if (!minute) return false;
  time.hour = *hour;
  time.minute = *minute;
  if (!from.take(':')) return !seconds_needed;
  const auto second = from.number(2, 2);
  if (!second) return false;
  time.second = *second;
  if ((from.peek() == '.' || from.peek() == ',') && is_digit(from.peek(1))) {
    from.skip(1);
    time.nanosecond = from.fraction(time.fraction_digits).value_or(0);
  }
  return true;
}

bool take_offset(TextCursor& from, WrittenTime& time) {
  if (from.peek() == 'Z' || from.peek() == 'z') {
    from.skip(1);
    time.offset_s = 0;
    return true;
  }
  if (from.peek() != '+' && from.peek() != '-') return true;
  const int sign = from.peek() == '-' ? -1 : 1;
  from.skip(1);
  int hours = 0;
  int minutes = 0;
  if (const auto both = from.number(4, 4)) {
    hours = *both / 100;
    minutes = *both % 100;
  } else {
    const auto first = from.number(2, 2);
    if (!first) return false;
    hours = *first;
    if (from.take(':')) {
      const auto second = from.number(2, 2);
      if (!second) return false;
      minutes = *second;
    }
  }
  if (hours > 23 || minutes > 59) return false;
  time.offset_s = sign * (hours * 60 + minutes) * 60;
  return true;
}

bool take_zone(TextCursor& from, WrittenTime& time) {
  TextCursor at = from;
  at.take(' ');
  const bool is_name = is_letter(at.peek()) && !((at.peek() == 'Z' || at.peek() == 'z') && !is_letter(at.peek(1)));
  if (!is_name) {
    if (at.peek() != '+' && at.peek() != '-' && at.peek() != 'Z' && at.peek() != 'z') return true;
    from = at;
    return take_offset(from, time);
  }
  const std::string_view rest = at.rest();
  std::size_t size = 0;
  while (size < rest.size() && (is_letter(rest[size]) || is_digit(rest[size]) ||
                                std::string_view("/_+-").find(rest[size]) != std::string_view::npos)) {
    ++size;
  }
  time.zone = rest.substr(0, size);
  at.skip(size);
  from = at;
  return true;
}

bool take_iso(TextCursor& from, WrittenTime& time, char separator, bool seconds_needed) {
  const auto year = from.number(4, 4);
  if (!year || *year == 0 || !from.take(separator)) return false;
  const auto month = from.number(2, 2);
  if (!month || !from.take(separator)) return false;
  const auto day = from.number(2, 2);
  if (!day || !(from.take('T') || from.take('t') || from.take(' ') || from.take('_'))) return false;
  time.year = *year;
  time.month = *month;
  time.day = *day;
  return take_clock(from, time, seconds_needed);
}

bool take_month_first(TextCursor& from, WrittenTime& time) {
  if (const auto year = from.number(4, 4)) {
    if (!from.take(' ')) return false;
    time.year = *year;
  }
  const auto month = take_month(from);
  if (!month || !from.take(' ')) return false;
  from.take(' ');
  const auto day = from.number(1, 2);
  if (!day || !from.take(' ')) return false;
  time.month = *month;
  time.day = *day;
  if (const auto year = from.number(4, 4)) {
    if (!from.take(' ')) return false;
    time.year = *year;
  }
  return take_clock(from, time);
}

bool take_day_first(TextCursor& from, WrittenTime& time) {
  const auto day = from.number(1, 2);
  if (!day) return false;
  const char separator = from.peek();
  if (separator != ' ' && separator != '/' && separator != '-') return false;
  from.skip(1);
  const auto month = take_month(from);
  if (!month || !from.take(separator)) return false;
  const auto year = from.number(4, 4);
  if (!year || !(from.take(' ') || (separator == '/' && from.take(':')))) return false;
  time.year = *year;
  time.month = *month;
  time.day = *day;
  return take_clock(from, time);
}

bool is_date(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<std::size_t>(month) - 1] + (month == 2 && leap ? 1 : 0);
}

int likely_year(const WrittenTime& time, Timestamp near, std::int64_t most_days_ahead) {
  // The 29th of February is there every eighth year at the least.
  constexpr int kMostYearsBack = 8;
  const std::int32_t now = to_civil(near).year;
  const std::int64_t today = near / kNanosecondsPerSecond / 86'400;
  for (int year = now + 1; year >= now - kMostYearsBack; --year) {
    if (!is_date(year, time.month, time.day)) continue;
    const auto date = days_from_civil(year, static_cast<unsigned>(time.month), static_cast<unsigned>(time.day));
    if (date <= today + most_days_ahead) return year;
  }
  return 0;
}

std::optional<Timestamp> instant_of(const WrittenTime& time, const TimeZone& zone, Timestamp near) {
  if (!is_date(time.year, time.month, time.day)) return std::nullopt;
  if (time.hour > 23 || time.minute > 59 || time.second > 60) return std::nullopt;
  const CivilTime civil = {time.year,
                           static_cast<std::uint8_t>(time.month),
                           static_cast<std::uint8_t>(time.day),
                           static_cast<std::uint8_t>(time.hour),
                           static_cast<std::uint8_t>(time.minute),
                           static_cast<std::uint8_t>(time.second),
                           time.nanosecond};
  auto offset_s = time.offset_s;
  if (!offset_s && !time.zone.empty()) {
    const auto local = TimeZone().to_instant(civil, near);
    if (!local) return std::nullopt;
    offset_s = zone.offset_of(time.zone, *local);
    if (!offset_s) {
      const auto named = time.zone.find('/') != std::string_view::npos
                             ? TimeZone::load(time.zone)
                             : Result<TimeZone>(fail(ErrorCode::not_found, ""));
      if (!named) return std::nullopt;
      return named->to_instant(civil, near);
    }
  }
  if (!offset_s) return zone.to_instant(civil, near);
  const auto instant = TimeZone().to_instant(civil, near);
  if (!instant) return std::nullopt;
  return *instant - std::int64_t{*offset_s} * kNanosecondsPerSecond;
}

}  // namespace towl::detail

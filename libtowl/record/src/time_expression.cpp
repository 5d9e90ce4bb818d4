#include "towl/record/time_expression.hpp"

#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "civil_text.hpp"
#include "towl/record/event_time.hpp"

namespace towl {
namespace {

using detail::TextCursor;
using detail::WrittenTime;

constexpr std::int64_t kDay = 86'400 * kNanosecondsPerSecond;

struct Unit {
  std::string_view name;
  std::int64_t size;
};

/// systemd.time(7), "Parsing Time Spans".
constexpr std::array kUnits = {
    Unit{"nsec", 1},
    Unit{"ns", 1},
    Unit{"usec", 1'000},
    Unit{"us", 1'000},
    Unit{"\u00b5s", 1'000},
    Unit{"\u03bcs", 1'000},
    Unit{"msec", 1'000'000},
    Unit{"ms", 1'000'000},
    Unit{"seconds", kNanosecondsPerSecond},
    Unit{"second", kNanosecondsPerSecond},
    Unit{"sec", kNanosecondsPerSecond},
    Unit{"s", kNanosecondsPerSecond},
    Unit{"minutes", 60 * kNanosecondsPerSecond},
    Unit{"minute", 60 * kNanosecondsPerSecond},
    Unit{"min", 60 * kNanosecondsPerSecond},
    Unit{"m", 60 * kNanosecondsPerSecond},
    Unit{"hours", 3'600 * kNanosecondsPerSecond},
    Unit{"hour", 3'600 * kNanosecondsPerSecond},
    Unit{"hr", 3'600 * kNanosecondsPerSecond},
    Unit{"h", 3'600 * kNanosecondsPerSecond},
    Unit{"days", kDay},
    Unit{"day", kDay},
    Unit{"d", kDay},
    Unit{"weeks", 7 * kDay},
    Unit{"week", 7 * kDay},
    Unit{"w", 7 * kDay},
    Unit{"months", 2'629'800 * kNanosecondsPerSecond},
    Unit{"month", 2'629'800 * kNanosecondsPerSecond},
    Unit{"M", 2'629'800 * kNanosecondsPerSecond},
    Unit{"years", 31'557'600 * kNanosecondsPerSecond},
    Unit{"year", 31'557'600 * kNanosecondsPerSecond},
    Unit{"y", 31'557'600 * kNanosecondsPerSecond},
};

std::string_view trim_blanks(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

/// "12 hours", "1.5h", "30" (seconds).
bool take_span(std::string_view& text, std::int64_t& nanoseconds) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc() || whole < 0) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::string_view fraction;
  if (text.starts_with('.')) {
    std::size_t digits = 1;
    while (digits < text.size() && detail::is_digit(text[digits])) ++digits;
    fraction = text.substr(1, digits - 1);
    if (fraction.empty()) return false;
    text.remove_prefix(digits);
  }
  text = trim_blanks(text);
  std::size_t length = 0;
  while (length < text.size() && !detail::is_digit(text[length]) && text[length] != ' ') ++length;
  const std::string_view name = text.substr(0, length);
  std::int64_t unit = name.empty() ? kNanosecondsPerSecond : 0;
  for (const Unit& known : kUnits) {
    if (known.name == name) unit = known.size;
  }
  text = trim_blanks(text.substr(length));
  if (unit == 0 || __builtin_mul_overflow(whole, unit, &nanoseconds)) return false;
  for (const char digit : fraction) {
    unit /= 10;
    if (__builtin_add_overflow(nanoseconds, unit * (digit - '0'), &nanoseconds)) return false;
  }
  return true;
}

std::optional<std::int64_t> read_spans(std::string_view text) {
  std::int64_t sum = 0;
  text = trim_blanks(text);
  if (text.empty()) return std::nullopt;
  while (!text.empty()) {
    std::int64_t span = 0;
    if (!take_span(text, span) || __builtin_add_overflow(sum, span, &sum)) return std::nullopt;
  }
  return sum;
}

bool is_offset(std::string_view text) {
  return text.starts_with('-') || text.starts_with('+') || text.ends_with(" ago") || text.ends_with(" left");
}

std::optional<Timestamp> read_offset(std::string_view text, Timestamp now) {
  bool back = false;
  if (text.front() == '-' || text.front() == '+') {
    back = text.front() == '-';
    text.remove_prefix(1);
  } else {
    back = text.ends_with(" ago");
    text.remove_suffix(back ? 4 : 5);
  }
  const auto span = read_spans(text);
  if (!span) return std::nullopt;
  Timestamp time = 0;
  if (__builtin_add_overflow(now, back ? -*span : *span, &time)) return std::nullopt;
  return time;
}

/// Midnight of the day `days` after today.
std::optional<Timestamp> midnight(int days, Timestamp now, const TimeZone& zone) {
  const CivilTime today = zone.to_civil(now);
  const std::int64_t day = days_from_civil(today.year, today.month, today.day) + days;
  Timestamp start = 0;
  if (__builtin_mul_overflow(day, kDay, &start)) return std::nullopt;
  CivilTime civil = towl::to_civil(start);
  return zone.to_instant(civil, start);
}

std::optional<Timestamp> read_day_name(std::string_view text, Timestamp now, const TimeZone& zone) {
  if (text == "now") return now;
  if (text == "today") return midnight(0, now, zone);
  if (text == "yesterday") return midnight(-1, now, zone);
  if (text == "tomorrow") return midnight(1, now, zone);
  return std::nullopt;
}

/// Forms that only people write: a day, or a time of day.
std::optional<Timestamp> read_part(std::string_view text, Timestamp now, const TimeZone& zone) {
  TextCursor from(text);
  detail::skip_weekday(from);
  WrittenTime time;
  TextCursor at = from;
  if (const auto year = at.number(4, 4); year && at.take('-')) {
    const auto month = at.number(2, 2);
    if (!month || !at.take('-')) return std::nullopt;
    const auto day = at.number(2, 2);
    if (!day || !take_zone(at, time) || !at.at_end()) return std::nullopt;
    time.year = *year;
    time.month = *month;
    time.day = *day;
  } else {
    at = from;
    if (!detail::take_clock(at, time, false) || !take_zone(at, time) || !at.at_end()) return std::nullopt;
    const CivilTime today = time.offset_s == 0 || time.zone == "UTC" ? towl::to_civil(now) : zone.to_civil(now);
    time.year = today.year;
    time.month = today.month;
    time.day = today.day;
  }
  return detail::instant_of(time, zone, now);
}

}  // namespace

Result<Timestamp> parse_time_expression(std::string_view text, Timestamp now, const TimeZone& zone) {
  const std::string_view trimmed = trim_blanks(text);
  std::optional<Timestamp> time;
  if (trimmed.starts_with('@')) {
    time = read_decimal_time(trimmed.substr(1), kNanosecondsPerSecond);
  } else if (is_offset(trimmed)) {
    time = read_offset(trimmed, now);
  } else if (!trimmed.empty() && trimmed.front() != '{') {
    time = read_day_name(trimmed, now, zone);
    if (!time) time = read_part(trimmed, now, zone);
    if (!time) time = read_event_time(trimmed, zone, now);
  }
  if (time) return *time;
  return fail(ErrorCode::invalid_argument,
              "\"" + std::string(text) +
                  "\" is not a time: write it as today, -1h, 2 hours ago, 14:30, 2026-01-17 14:30, "
                  "2026-01-17T14:30:00Z, \"2026-01-17 14:30 Europe/Berlin\" or @1768660200");
}

Result<Timestamp> parse_time_bound(std::string_view text, TimeBound bound, Timestamp now, const TimeZone& zone) {
  auto time = parse_time_expression(text, now, zone);
  if (!time || zone == TimeZone()) return time;
  // A time with a zone, or one that counts from now, is the same instant in any zone.
  const auto elsewhere = parse_time_expression(text, now, TimeZone());
  if (elsewhere && *elsewhere == *time) return time;
  // Clocks are set back by a few hours at most.
  constexpr Timestamp kAway = Timestamp{12} * 3600 * kNanosecondsPerSecond;
  Timestamp near = 0;
  const bool overflows = bound == TimeBound::since ? __builtin_sub_overflow(*time, kAway, &near)
                                                   : __builtin_add_overflow(*time, kAway, &near);
  if (overflows) return time;
  const CivilTime civil = zone.to_civil(*time);
  const auto other = zone.to_instant(civil, near);
  return other ? *other : *time;
}

}  // namespace towl

#include "arguments/time_expression.hpp"

#include <charconv>
#include <ctime>
#include <optional>
#include <string>

#include "towl/quantity.hpp"

namespace towlctl {
namespace {

using towl::kNanosecondsPerSecond;
using towl::Timestamp;

/// A date and time of day as written.
struct Fields {
  int year = 0;
  unsigned month = 1;
  unsigned day = 1;
  unsigned hour = 0;
  unsigned minute = 0;
  unsigned second = 0;
  std::int64_t nanosecond = 0;
};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<Timestamp> from_seconds(std::int64_t seconds, std::int64_t nanosecond) {
  Timestamp time = 0;
  if (__builtin_mul_overflow(seconds, kNanosecondsPerSecond, &time) ||
      __builtin_add_overflow(time, nanosecond, &time)) {
    return std::nullopt;
  }
  return time;
}

std::optional<Timestamp> to_time(const Fields& fields, bool utc) {
  if (utc) {
    const std::int64_t days = towl::days_from_civil(fields.year, fields.month, fields.day);
    return from_seconds(days * 86'400 + fields.hour * 3'600 + fields.minute * 60 + fields.second, fields.nanosecond);
  }
  std::tm local{};
  local.tm_year = fields.year - 1900;
  local.tm_mon = static_cast<int>(fields.month) - 1;
  local.tm_mday = static_cast<int>(fields.day);
  local.tm_hour = static_cast<int>(fields.hour);
  local.tm_min = static_cast<int>(fields.minute);
  local.tm_sec = static_cast<int>(fields.second);
  local.tm_isdst = -1;  // As the zone has it at that time.
  return from_seconds(std::mktime(&local), fields.nanosecond);
}

/// Takes exactly `digits` digits.
bool take_number(std::string_view& text, std::size_t digits, unsigned& value) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, value);
  if (error != std::errc() || end != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

bool take_fraction(std::string_view& text, std::int64_t& nanosecond) {
  std::int64_t unit = kNanosecondsPerSecond / 10;
  const std::size_t before = text.size();
  for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10) {
    nanosecond += (text.front() - '0') * unit;
  }
  return text.size() < before;
}

bool is_day_of_month(const Fields& fields) {
  if (fields.month < 1 || fields.month > 12 || fields.day < 1) return false;
  const int next_year = fields.month == 12 ? fields.year + 1 : fields.year;
  const unsigned next_month = fields.month == 12 ? 1 : fields.month + 1;
  return fields.day <=
         towl::days_from_civil(next_year, next_month, 1) - towl::days_from_civil(fields.year, fields.month, 1);
}

bool take_date(std::string_view& text, Fields& fields) {
  unsigned year = 0;
  if (!take_number(text, 4, year) || !take(text, '-') || !take_number(text, 2, fields.month) || !take(text, '-') ||
      !take_number(text, 2, fields.day)) {
    return false;
  }
  fields.year = static_cast<int>(year);
  return is_day_of_month(fields);
}

bool take_time_of_day(std::string_view& text, Fields& fields) {
  if (!take_number(text, 2, fields.hour) || !take(text, ':') || !take_number(text, 2, fields.minute)) return false;
  if (take(text, ':')) {
    if (!take_number(text, 2, fields.second)) return false;
    if (take(text, '.') && !take_fraction(text, fields.nanosecond)) return false;
  }
  return fields.hour < 24 && fields.minute < 60 && fields.second < 60;
}

Fields day_of(Timestamp now, bool utc) {
  Fields day;
  if (utc) {
    const towl::CivilTime civil = towl::to_civil(now);
    day.year = civil.year;
    day.month = civil.month;
    day.day = civil.day;
    return day;
  }
  const std::time_t seconds = now / kNanosecondsPerSecond;
  std::tm local{};
  localtime_r(&seconds, &local);
  day.year = local.tm_year + 1900;
  day.month = static_cast<unsigned>(local.tm_mon) + 1;
  day.day = static_cast<unsigned>(local.tm_mday);
  return day;
}

std::optional<Timestamp> parse_date_and_time(std::string_view text, Timestamp now) {
  if (const auto time = towl::parse_rfc3339(text)) return time;
  bool utc = false;
  for (const std::string_view zone : {" UTC", "Z"}) {
    if (!text.ends_with(zone)) continue;
    utc = true;
    text.remove_suffix(zone.size());
    break;
  }
  Fields fields = day_of(now, utc);
  if (text.find('-') == std::string_view::npos) {
    return take_time_of_day(text, fields) && text.empty() ? to_time(fields, utc) : std::nullopt;
  }
  if (!take_date(text, fields)) return std::nullopt;
  if (!text.empty()) {
    if (!take(text, ' ') && !take(text, 'T')) return std::nullopt;
    if (!take_time_of_day(text, fields) || !text.empty()) return std::nullopt;
  }
  return to_time(fields, utc);
}

std::optional<Timestamp> parse_epoch(std::string_view text) {
  std::int64_t seconds = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  std::int64_t nanosecond = 0;
  if (take(text, '.') && !take_fraction(text, nanosecond)) return std::nullopt;
  return text.empty() ? from_seconds(seconds, nanosecond) : std::nullopt;
}

std::optional<Timestamp> parse_offset(std::string_view text, Timestamp now) {
  bool back = false;
  if (take(text, '-')) {
    back = true;
  } else if (!take(text, '+')) {
    constexpr std::string_view kAgo = " ago";
    constexpr std::string_view kLeft = " left";
    back = text.ends_with(kAgo);
    if (!back && !text.ends_with(kLeft)) return std::nullopt;
    text.remove_suffix(back ? kAgo.size() : kLeft.size());
  }
  const auto duration = towl::parse_duration(text);
  if (!duration) return std::nullopt;
  Timestamp time = 0;
  if (__builtin_add_overflow(now, back ? -*duration : *duration, &time)) return std::nullopt;
  return time;
}

std::optional<Timestamp> parse_day_name(std::string_view text, Timestamp now) {
  int days = 0;
  if (text == "yesterday")
    days = -1;
  else if (text == "tomorrow")
    days = 1;
  else if (text != "today")
    return std::nullopt;
  Fields day = day_of(now, false);
  // mktime carries days over month and year, and finds midnight where the clock was changed.
  std::tm local{};
  local.tm_year = day.year - 1900;
  local.tm_mon = static_cast<int>(day.month) - 1;
  local.tm_mday = static_cast<int>(day.day) + days;
  local.tm_isdst = -1;
  return from_seconds(std::mktime(&local), 0);
}

}  // namespace

towl::Result<Timestamp> parse_time_expression(std::string_view text, Timestamp now) {
  const std::string_view trimmed = trim(text);
  std::optional<Timestamp> time;
  if (trimmed == "now") {
    time = now;
  } else if (trimmed.starts_with('@')) {
    time = parse_epoch(trimmed.substr(1));
  } else {
    time = parse_day_name(trimmed, now);
    if (!time) time = parse_offset(trimmed, now);
    if (!time) time = parse_date_and_time(trimmed, now);
  }
  if (time) return *time;
  return towl::fail(towl::ErrorCode::invalid_argument,
                    "\"" + std::string(text) +
                        "\" is not a time: write it as today, -1h, 14:30, 2026-01-17 14:30, "
                        "2026-01-17T14:30:00Z or @1768660200");
}

}  // namespace towlctl

#include "towl/record/event_time.hpp"

#include <charconv>
#include <cmath>
#include <limits>

#include "civil_text.hpp"

namespace towl {
namespace {

using detail::TextCursor;
using detail::WrittenTime;

constexpr std::int64_t kSecond = kNanosecondsPerSecond;
constexpr std::int64_t kMillisecond = kSecond / 1000;
/// The longest that is read: "Saturday, 2026-01-17 14:30:05.123456789012 America/Argentina/ComodRivadavia".
constexpr std::size_t kMaxTextBytes = 96;

/// The unit that makes a number of today's size of it: 1e8 seconds are 1973, 1e11 the year 5138.
std::int64_t unit_of(double number) {
  if (number < 1e8) return 0;
  if (number < 1e11) return kSecond;
  if (number < 1e14) return kMillisecond;
  if (number < 1e17) return kSecond / 1'000'000;
  return 1;
}

std::optional<Timestamp> read_number(std::string_view text, std::int64_t unit_ns) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(number)) return std::nullopt;
  if (unit_ns == 0) unit_ns = unit_of(number);
  if (unit_ns == 0) return std::nullopt;
  if (const auto exact = read_decimal_time(text, unit_ns)) return exact;
  const double nanoseconds = number * static_cast<double>(unit_ns);  // 1.7e9
  if (std::abs(nanoseconds) > 9.2e18) return std::nullopt;
  return static_cast<Timestamp>(nanoseconds);
}

std::string_view trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// The value of the only member, `name`, of the object `json`; the value's quotes are taken off.
std::optional<std::string_view> only_member(std::string_view json, std::string_view name, bool& is_string) {
  if (!json.starts_with('{') || !json.ends_with('}')) return std::nullopt;
  json = trim(json.substr(1, json.size() - 2));
  if (!json.starts_with('"') || !json.substr(1).starts_with(name) || json.substr(1 + name.size(), 1) != "\"") {
    return std::nullopt;
  }
  json = trim(json.substr(name.size() + 2));
  if (!json.starts_with(':')) return std::nullopt;
  json = trim(json.substr(1));
  is_string = json.size() >= 2 && json.starts_with('"') && json.ends_with('"');
  return is_string ? json.substr(1, json.size() - 2) : json;
}

/// https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/#mongodb-bsontype-Date
std::optional<Timestamp> read_date_object(std::string_view json, const TimeZone& zone, Timestamp near) {
  bool is_string = false;
  const auto date = only_member(json, "$date", is_string);
  if (!date) return std::nullopt;
  if (is_string) return read_event_time(*date, zone, near);
  if (const auto number = only_member(*date, "$numberLong", is_string)) return read_decimal_time(*number, kMillisecond);
  return read_decimal_time(*date, kMillisecond);
}

bool is_whole(TextCursor& from, WrittenTime& time) { return take_zone(from, time) && from.at_end(); }

bool read_iso(TextCursor from, WrittenTime& time) {
  const char separator = from.peek(4);
  if (separator != '-' && separator != '/') return false;
  return detail::take_iso(from, time, separator, false) && is_whole(from, time);
}

bool read_month_first(TextCursor from, WrittenTime& time) {
  if (!detail::take_month_first(from, time)) return false;
  if (from.at_end()) return true;
  // The year may come last, after a zone or without one.
  TextCursor at = from;
  if (at.take(' ') && !detail::is_digit(at.peek())) {
    if (!take_zone(from, time)) return false;
    at = from;
    at.take(' ');
  }
  if (at.at_end()) return true;
  const auto year = time.year == 0 ? at.number(4, 4) : std::nullopt;
  if (!year) return is_whole(from, time);
  time.year = *year;
  return is_whole(at, time);
}

bool read_day_first(TextCursor from, WrittenTime& time) {
  return detail::take_day_first(from, time) && is_whole(from, time);
}

}  // namespace

std::optional<Timestamp> read_decimal_time(std::string_view text, std::int64_t unit_ns) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const std::string_view whole_text = text.substr(0, point);
  if (whole_text.empty() || !detail::is_digit(whole_text.front())) return std::nullopt;
  std::int64_t whole = 0;
  const char* end = whole_text.data() + whole_text.size();
  if (const auto parsed = std::from_chars(whole_text.data(), end, whole);
      parsed.ec != std::errc() || parsed.ptr != end || whole > std::numeric_limits<std::int64_t>::max() / unit_ns - 1) {
    return std::nullopt;
  }
  std::int64_t time = whole * unit_ns;
  if (point != std::string_view::npos) {
    const std::string_view fraction = text.substr(point + 1);
    if (fraction.empty()) return std::nullopt;
    std::int64_t unit = unit_ns;
    for (const char c : fraction) {
      if (!detail::is_digit(c)) return std::nullopt;
      unit /= 10;
      time += (c - '0') * unit;
    }
  }
  return negative ? -time : time;
}

std::optional<Timestamp> take_iso_time(std::string_view& rest, const TimeZone& zone, Timestamp near) {
  TextCursor from(rest);
  WrittenTime time;
  const char separator = from.peek(4);
  if ((separator != '-' && separator != '/') || !detail::take_iso(from, time, separator)) return std::nullopt;
  TextCursor after = from;
  WrittenTime zoned = time;
  if (take_zone(after, zoned) && (zoned.zone.empty() || zone.offset_of(zoned.zone, near))) {
    time = zoned;
    from = after;
  } else if (after = from; !take_offset(after, time)) {
    return std::nullopt;
  } else {
    from = after;
  }
  const auto instant = detail::instant_of(time, zone, near);
  if (instant) rest.remove_prefix(from.at());
  return instant;
}

std::optional<Timestamp> read_event_time(std::string_view text, const TimeZone& zone, Timestamp near,
                                         std::int64_t unit_ns) {
  if (const auto time = parse_rfc3339(text)) return time;
  text = trim(text);
  if (text.empty() || text.size() > kMaxTextBytes) return std::nullopt;
  if (text.front() == '{') return read_date_object(text, zone, near);
  if (const auto time = read_number(text, unit_ns)) return time;
  TextCursor from(text);
  detail::skip_weekday(from);
  WrittenTime time;
  bool is_read = read_iso(from, time);
  if (!is_read) is_read = read_month_first(from, time = {});
  if (!is_read) is_read = read_day_first(from, time = {});
  if (!is_read) return std::nullopt;
  if (time.year == 0) time.year = detail::likely_year(time, near, 1);
  return detail::instant_of(time, zone, near);
}

}  // namespace towl

#include "query_times.hpp"

#include <charconv>
#include <limits>

#include "towl/record/time_expression.hpp"

namespace towl::detail {
namespace {

bool take_number(std::string_view& text, std::size_t digits, int& number) {
  if (text.size() < digits) return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + digits, number);
  if (error != std::errc() || end != text.data() + digits) return false;
  text.remove_prefix(digits);
  return true;
}

bool take(std::string_view& text, char c) {
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<Timestamp> instant(int year, int month, int day, int hour, int minute, int second, const TimeZone& zone,
                                 std::int64_t offset_s) {
  const std::int64_t days = days_from_civil(year, static_cast<unsigned>(month), static_cast<unsigned>(day));
  const std::int64_t seconds = days * 86400 + std::int64_t{hour} * 3600 + std::int64_t{minute} * 60 + second - offset_s;
  Timestamp time = 0;
  if (__builtin_mul_overflow(seconds, kNanosecondsPerSecond, &time)) return std::nullopt;
  return zone == TimeZone() ? std::optional(time) : zone.to_instant(to_civil(time), time);
}

// An RFC 3339 time without its end: all of that year, day … nullopt for anything else.
std::optional<TimeSpan> read_partial(std::string_view text, const TimeZone& local) {
  int year = 0;
  int parts[5] = {1, 1, 0, 0, 0};  // Month, day, hour, minute, second.
  static constexpr char kBefore[] = {'-', '-', 'T', ':', ':'};
  if (!take_number(text, 4, year)) return std::nullopt;
  int known = 0;
  while (known < 5) {
    std::string_view rest = text;
    const bool separated = take(rest, kBefore[known]) || (known == 2 && take(rest, ' '));
    // -05:00 is a zone, not a month.
    if (!separated || !take_number(rest, 2, parts[known])) break;
    if (known < 2 && parts[known] == 0) return std::nullopt;
    text = rest;
    ++known;
  }
  TimeZone zone = local;
  std::int64_t offset_s = 0;
  if (take(text, 'Z')) {
    zone = TimeZone();
  } else if (text.starts_with('+') || (text.starts_with('-') && known >= 2)) {
    const bool is_west = text.front() == '-';
    text.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!take_number(text, 2, hours)) return std::nullopt;
    take(text, ':');
    if (!text.empty() && !take_number(text, 2, minutes)) return std::nullopt;
    offset_s = (is_west ? -1 : 1) * (std::int64_t{hours} * 3600 + std::int64_t{minutes} * 60);
    zone = TimeZone();
  }
  if (!text.empty() || parts[0] > 12 || parts[1] > 31 || parts[2] > 23 || parts[3] > 59 || parts[4] > 60)
    return std::nullopt;
  const auto begin = instant(year, parts[0], parts[1], parts[2], parts[3], parts[4], zone, offset_s);
  if (known == 0) ++year;
  if (known == 1 && ++parts[0] > 12) {
    parts[0] = 1;
    ++year;
  }
  if (known >= 2) ++parts[known - 1];
  const auto end = instant(year, parts[0], parts[1], parts[2], parts[3], parts[4], zone, offset_s);
  if (!begin || !end) return std::nullopt;
  return TimeSpan{*begin, *end};
}

}  // namespace

std::optional<TimeSpan> read_time_span(std::string_view text, Timestamp now, const TimeZone& zone) {
  if (auto partial = read_partial(text, zone)) return partial;
  const auto time = parse_time_expression(text, now, zone);
  if (!time) return std::nullopt;
  const bool is_last = *time == std::numeric_limits<Timestamp>::max();
  return TimeSpan{*time, is_last ? *time : *time + 1};
}

std::optional<std::int64_t> read_span(std::string_view text) {
  double number = 0;
  const bool has_unit = !text.empty() && (text.back() < '0' || text.back() > '9') &&
                        text.find_first_of("KMGTBib") == std::string_view::npos;
  if (!has_unit || !read_number(text, number) || number < 1 || number > 9e18) return std::nullopt;
  return static_cast<std::int64_t>(number);
}

}  // namespace towl::detail

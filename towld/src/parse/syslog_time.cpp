#include "parse/syslog_time.hpp"

#include <algorithm>
#include <array>

namespace towld {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); }

/// Microseconds are what is kept of an instant.
constexpr int kKeptDigits = 6;
/// Years outside of these have instants that a Timestamp cannot hold, or are no years.
constexpr int kFirstYear = 1700;
constexpr int kLastYear = 2250;

// Reads from the front of a view; every taker leaves it as it was where it fails.
class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip(std::size_t count) { at_ += count; }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// A number of `least` to `most` digits, with no digit behind it.
  std::optional<int> number(int least, int most) {
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

  /// Nanoseconds, and how many digits say them; digits past the ninth are cut off.
  std::optional<std::uint32_t> fraction(int& digits) {
    std::uint32_t value = 0;
    digits = 0;
    for (; is_digit(peek()); ++at_, ++digits) {
      if (digits < 9) value = value * 10 + static_cast<std::uint32_t>(peek() - '0');
    }
    if (digits == 0) return std::nullopt;
    for (int i = digits; i < 9; ++i) value *= 10;
    return value;
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

struct Reading {
  int year = 0;  ///< 0: not said.
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::uint32_t nanosecond = 0;
  int fraction_digits = 0;
  std::optional<int> offset_minutes = {};  ///< East of UTC.
};

std::optional<int> take_month(Cursor& from) {
  constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                        "jul", "aug", "sep", "oct", "nov", "dec"};
  const auto lower = [&](std::size_t i) { return static_cast<char>(from.peek(i) | 0x20); };
  const std::array<char, 3> name = {lower(0), lower(1), lower(2)};
  for (std::size_t i = 0; i < kMonths.size(); ++i) {
    if (kMonths[i] != std::string_view(name.data(), name.size())) continue;
    if (!is_letter(from.peek(0)) || !is_letter(from.peek(1)) || !is_letter(from.peek(2))) return std::nullopt;
    from.skip(3);
    return static_cast<int>(i) + 1;
  }
  return std::nullopt;
}

bool take_clock(Cursor& from, Reading& reading) {
  const auto hour = from.number(2, 2);
  if (!hour || !from.take(':')) return false;
  const auto minute = from.number(2, 2);
  if (!minute || !from.take(':')) return false;
  const auto second = from.number(2, 2);
  if (!second) return false;
  reading.hour = *hour;
  reading.minute = *minute;
  reading.second = *second;
  if ((from.peek() == '.' || from.peek() == ',') && is_digit(from.peek(1))) {
    from.skip(1);
    reading.nanosecond = from.fraction(reading.fraction_digits).value_or(0);
  }
  return true;
}

// "Z", "+01:00", "+0100", "+01" or nothing.
bool take_offset(Cursor& from, Reading& reading) {
  if (from.peek() == 'Z' || from.peek() == 'z') {
    from.skip(1);
    reading.offset_minutes = 0;
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
  reading.offset_minutes = sign * (hours * 60 + minutes);
  return true;
}

bool take_iso(Cursor& from, Reading& reading) {
  const auto year = from.number(4, 4);
  if (!year || !from.take('-')) return false;
  const auto month = from.number(2, 2);
  if (!month || !from.take('-')) return false;
  const auto day = from.number(2, 2);
  if (!day || !(from.take('T') || from.take('t') || from.take(' '))) return false;
  reading.year = *year;
  reading.month = *month;
  reading.day = *day;
  return take_clock(from, reading) && take_offset(from, reading);
}

// " 2026" behind a time of day, where it cannot be a host's name.
void take_last_year(Cursor& from, Reading& reading) {
  const bool is_year = from.peek() == ' ' && (from.peek(1) == '2' || from.peek(1) == '1') && is_digit(from.peek(2)) &&
                       is_digit(from.peek(3)) && is_digit(from.peek(4)) &&
                       (from.peek(5) == ' ' || (from.peek(5) == ':' && from.peek(6) == ' '));
  if (!is_year || reading.year != 0) return;
  from.skip(1);
  reading.year = from.number(4, 4).value_or(0);
}

// " UTC:" or ":".
void take_colon(Cursor& from, Reading& reading) {
  constexpr std::size_t kLongestZone = 5;
  if (from.peek() == ':') return from.skip(1);
  if (from.peek() != ' ') return;
  std::size_t letters = 0;
  while (letters <= kLongestZone && from.peek(1 + letters) >= 'A' && from.peek(1 + letters) <= 'Z') ++letters;
  if (letters == 0 || letters > kLongestZone || from.peek(1 + letters) != ':') return;
  const bool is_utc = (letters == 3 && from.peek(1) == 'U' && from.peek(2) == 'T' && from.peek(3) == 'C') ||
                      (letters == 3 && from.peek(1) == 'G' && from.peek(2) == 'M' && from.peek(3) == 'T');
  // The letters of other zones are ambiguous; such a word may also be a tag.
  if (!is_utc) return;
  reading.offset_minutes = 0;
  from.skip(2 + letters);
}

bool take_bsd(Cursor& from, Reading& reading) {
  if (from.peek() == '*' || from.peek() == '.') from.skip(1);
  if (const auto year = from.number(4, 4)) {
    if (!from.take(' ')) return false;
    reading.year = *year;
  }
  const auto month = take_month(from);
  if (!month || !from.take(' ')) return false;
  from.take(' ');
  const auto day = from.number(1, 2);
  if (!day || !from.take(' ')) return false;
  reading.month = *month;
  reading.day = *day;
  if (const auto year = from.number(4, 4)) {
    if (!from.take(' ')) return false;
    reading.year = *year;
  }
  if (!take_clock(from, reading)) return false;
  take_last_year(from, reading);
  take_colon(from, reading);
  return true;
}

bool is_date(int year, int month, int day) {
  constexpr std::array<int, 12> kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < kFirstYear || year > kLastYear || month < 1 || month > 12 || day < 1) return false;
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return day <= kDays[static_cast<std::size_t>(month) - 1] + (month == 2 && leap ? 1 : 0);
}

towl::CivilTime civil_of(const Reading& reading, int year) {
  return {year,
          static_cast<std::uint8_t>(reading.month),
          static_cast<std::uint8_t>(reading.day),
          static_cast<std::uint8_t>(reading.hour),
          static_cast<std::uint8_t>(reading.minute),
          static_cast<std::uint8_t>(reading.second),
          reading.nanosecond};
}

// The last year that puts the date before `received`, or not long behind it: clocks differ, and what is late may be
// long so. 0: there is none. A day's error by the zone does not matter.
int likely_year(const Reading& reading, towl::Timestamp received) {
  constexpr std::int64_t kMostDaysAhead = 31;
  // The 29th of February is there every eighth year at the least.
  constexpr int kMostYearsBack = 8;
  const std::int32_t now = towl::to_civil(received).year;
  const std::int64_t today = received / towl::kNanosecondsPerSecond / 86'400;
  for (int year = now + 1; year >= now - kMostYearsBack; --year) {
    if (!is_date(year, reading.month, reading.day)) continue;
    const auto date =
        towl::days_from_civil(year, static_cast<unsigned>(reading.month), static_cast<unsigned>(reading.day));
    if (date <= today + kMostDaysAhead) return year;
  }
  return 0;
}

std::optional<towl::Timestamp> instant_of(const Reading& reading, towl::Timestamp received, const CivilZone& zone) {
  const int year = reading.year != 0 ? reading.year : likely_year(reading, received);
  if (!is_date(year, reading.month, reading.day)) return std::nullopt;
  if (reading.hour > 23 || reading.minute > 59 || reading.second > 60) return std::nullopt;
  const towl::CivilTime civil = civil_of(reading, year);
  if (!reading.offset_minutes) return zone.to_instant(civil, received);
  return CivilZone().to_instant(civil, received) -
         std::int64_t{*reading.offset_minutes} * 60 * towl::kNanosecondsPerSecond;
}

/// "Nov 21 09:58:00 web-1": no year, zone or colon follows.
bool is_short_time(std::string_view rest, const SyslogTimeCache& cache) {
  const std::size_t size = cache.text.size();
  return rest.size() > size + 1 && rest[size] == ' ' && rest[size + 1] >= 'a' && rest[size + 1] <= 'z';
}

}  // namespace

std::optional<SyslogTime> take_syslog_time(std::string_view& rest, towl::Timestamp received, const CivilZone& zone,
                                           SyslogTimeCache* cache) {
  const std::int64_t received_s = received / towl::kNanosecondsPerSecond;
  const bool may_be_known = cache != nullptr && is_short_time(rest, *cache);
  if (may_be_known && received_s == cache->received_s && rest.starts_with({cache->text.data(), cache->text.size()})) {
    SyslogTime time{.text = rest.substr(0, cache->text.size()), .instant = cache->instant};
    rest.remove_prefix(cache->text.size());
    return time;
  }
  const bool is_iso = rest.size() > 4 && rest[4] == '-';
  Cursor from(rest);
  Reading reading;
  if (is_iso ? !take_iso(from, reading) : !take_bsd(from, reading)) return std::nullopt;
  if (!from.at_end() && from.peek() != ' ') return std::nullopt;
  SyslogTime time;
  time.text = rest.substr(0, from.at());
  time.instant = instant_of(reading, received, zone);
  time.is_instant = is_iso && time.instant && reading.offset_minutes == 0 && reading.fraction_digits <= kKeptDigits &&
                    reading.second < 60;
  if (may_be_known && !is_iso && time.text.size() == cache->text.size()) {
    time.text.copy(cache->text.data(), cache->text.size());
    cache->received_s = received_s;
    cache->instant = time.instant;
  }
  rest.remove_prefix(from.at());
  return time;
}

}  // namespace towld

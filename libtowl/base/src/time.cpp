#include "towl/time.hpp"

#include <time.h>

#include <chrono>
#include <limits>

#include "bytes.hpp"
#include "characters.hpp"

namespace towl {
namespace {

constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr std::int64_t kDaysPerEra = 146'097;         // 400 years of the Gregorian calendar.
constexpr std::int64_t kEpochFromEraStart = 719'468;  // Days from 0000-03-01 to 1970-01-01.

struct Date {
  std::int32_t year;
  unsigned month;
  unsigned day;
};

// Howard Hinnant, "chrono-compatible low-level date algorithms", civil_from_days: years begin on March 1st, so that
// the leap day comes last.
Date civil_from_days(std::int64_t days) {
  days += kEpochFromEraStart;
  const std::int64_t era = (days >= 0 ? days : days - (kDaysPerEra - 1)) / kDaysPerEra;
  const auto day_of_era = static_cast<unsigned>(days - era * kDaysPerEra);
  const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const std::int64_t year = static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0);
  return {static_cast<std::int32_t>(year), month, day};
}

unsigned days_in_month(std::int32_t year, unsigned month) {
  constexpr std::uint8_t kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return kDays[month - 1] + (month == 2 && leap ? 1U : 0U);
}

void put_two(char* to, unsigned value) {
  to[0] = static_cast<char>('0' + value / 10);
  to[1] = static_cast<char>('0' + value % 10);
}

void put_digits(char* to, std::uint32_t value, int digits) {
  for (int i = digits - 1; i >= 0; --i) {
    to[i] = static_cast<char>('0' + value % 10);
    value /= 10;
  }
}

// The number in exactly `digits` digits at `from`, or nullopt.
std::optional<std::uint32_t> get_digits(const char* from, int digits) {
  std::uint32_t value = 0;
  for (int i = 0; i < digits; ++i) {
    if (!detail::is_digit(from[i])) return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(from[i] - '0');
  }
  return value;
}

// Eight ASCII digits at once, neighbours added pairwise in one register (Daniel Lemire, "Quickly parsing eight
// digits", 2018). nullopt if a byte is not a digit.
std::optional<std::uint32_t> get_eight_digits(const char* from) {
  auto value = detail::load_little_endian<std::uint64_t>(from);
  constexpr std::uint64_t kHighHalves = 0xF0F0F0F0F0F0F0F0U;
  if (((value & kHighHalves) | (((value + 0x0606060606060606U) & kHighHalves) >> 4)) != 0x3333333333333333U) {
    return std::nullopt;
  }
  value = (value & 0x0F0F0F0F0F0F0F0FU) * 2561 >> 8;
  value = (value & 0x00FF00FF00FF00FFU) * 6553601 >> 16;
  value = (value & 0x0000FFFF0000FFFFU) * 42949672960001U >> 32;
  return static_cast<std::uint32_t>(value);
}

// The fraction after the '.', of any length; `rest` is moved past it.
std::optional<std::uint32_t> parse_fraction(std::string_view& rest) {
  std::uint32_t nanoseconds = 0;
  std::size_t digits = 0;
  if (rest.size() >= 9) {
    if (const auto eight = get_eight_digits(rest.data())) {
      nanoseconds = *eight;
      digits = 8;
    }
  }
  for (; digits < rest.size() && detail::is_digit(rest[digits]); ++digits) {
    if (digits < 9) nanoseconds = nanoseconds * 10 + static_cast<std::uint32_t>(rest[digits] - '0');
  }
  if (digits == 0) return std::nullopt;
  rest.remove_prefix(digits);
  for (; digits < 9; ++digits) nanoseconds *= 10;
  return nanoseconds;
}

// Seconds east of UTC that `rest`, all of it, says: "Z", "z", "+hh:mm" or "-hh:mm".
std::optional<std::int64_t> parse_offset(std::string_view rest) {
  if (rest == "Z" || rest == "z") return 0;
  if (rest.size() != 6 || (rest[0] != '+' && rest[0] != '-') || rest[3] != ':') return std::nullopt;
  const auto hours = get_digits(rest.data() + 1, 2);
  const auto minutes = get_digits(rest.data() + 4, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  const std::int64_t seconds = static_cast<std::int64_t>(*hours) * 3600 + static_cast<std::int64_t>(*minutes) * 60;
  return rest[0] == '-' ? -seconds : seconds;
}

}  // namespace

std::int64_t days_from_civil(std::int32_t year, unsigned month, unsigned day) {
  const std::int64_t shifted_year = static_cast<std::int64_t>(year) - (month <= 2 ? 1 : 0);
  const std::int64_t era = (shifted_year >= 0 ? shifted_year : shifted_year - 399) / 400;
  const auto year_of_era = static_cast<unsigned>(shifted_year - era * 400);
  const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * kDaysPerEra + static_cast<std::int64_t>(day_of_era) - kEpochFromEraStart;
}

CivilTime to_civil(Timestamp time) {
  std::int64_t seconds = time / kNanosecondsPerSecond;
  std::int64_t nanoseconds = time % kNanosecondsPerSecond;
  if (nanoseconds < 0) {
    nanoseconds += kNanosecondsPerSecond;
    --seconds;
  }
  std::int64_t days = seconds / kSecondsPerDay;
  std::int64_t second_of_day = seconds % kSecondsPerDay;
  if (second_of_day < 0) {
    second_of_day += kSecondsPerDay;
    --days;
  }
  const Date date = civil_from_days(days);
  const auto clock = static_cast<std::uint32_t>(second_of_day);
  return {date.year,
          static_cast<std::uint8_t>(date.month),
          static_cast<std::uint8_t>(date.day),
          static_cast<std::uint8_t>(clock / 3600),
          static_cast<std::uint8_t>(clock / 60 % 60),
          static_cast<std::uint8_t>(clock % 60),
          static_cast<std::uint32_t>(nanoseconds)};
}

Rfc3339 format_rfc3339(Timestamp time) {
  const CivilTime civil = to_civil(time);
  Rfc3339 result = {};
  char* text = result.text.data();
  std::string_view("0000-00-00T00:00:00").copy(text, 19);
  put_two(text, static_cast<unsigned>(civil.year) / 100);
  put_two(text + 2, static_cast<unsigned>(civil.year) % 100);
  put_two(text + 5, civil.month);
  put_two(text + 8, civil.day);
  put_two(text + 11, civil.hour);
  put_two(text + 14, civil.minute);
  put_two(text + 17, civil.second);
  std::size_t length = 19;
  if (civil.nanosecond != 0) {
    std::uint32_t fraction = civil.nanosecond;
    int digits = 9;
    while (digits > 3 && fraction % 1000 == 0) {
      fraction /= 1000;
      digits -= 3;
    }
    text[length] = '.';
    put_digits(text + length + 1, fraction, digits);
    length += 1 + static_cast<std::size_t>(digits);
  }
  text[length++] = 'Z';
  result.length = static_cast<std::uint8_t>(length);
  return result;
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  constexpr std::size_t kShortest = 20;  // "2026-01-17T14:30:00Z"
  if (text.size() < kShortest) return std::nullopt;
  const char* at = text.data();
  const char between = at[10];
  if (at[4] != '-' || at[7] != '-' || (between != 'T' && between != 't' && between != ' ') || at[13] != ':' ||
      at[16] != ':') {
    return std::nullopt;
  }
  const auto year = get_digits(at, 4);
  const auto month = get_digits(at + 5, 2);
  const auto day = get_digits(at + 8, 2);
  const auto hour = get_digits(at + 11, 2);
  const auto minute = get_digits(at + 14, 2);
  const auto second = get_digits(at + 17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const auto signed_year = static_cast<std::int32_t>(*year);
  if (*month < 1 || *month > 12 || *day < 1 || *day > days_in_month(signed_year, *month) || *hour > 23 ||
      *minute > 59 || *second > 60) {
    return std::nullopt;
  }
  std::string_view rest = text.substr(19);
  std::int64_t nanoseconds = 0;
  if (rest[0] == '.') {
    rest.remove_prefix(1);
    const auto fraction = parse_fraction(rest);
    if (!fraction) return std::nullopt;
    nanoseconds = *fraction;
  }
  const auto offset = parse_offset(rest);
  if (!offset) return std::nullopt;
  std::int64_t seconds = days_from_civil(signed_year, *month, *day) * kSecondsPerDay + std::int64_t{*hour} * 3600 +
                         std::int64_t{*minute} * 60 + *second - *offset;
  // Towards zero first: the product of the lowest time's seconds alone would not fit.
  if (seconds < 0 && nanoseconds > 0) {
    ++seconds;
    nanoseconds -= kNanosecondsPerSecond;
  }
  std::int64_t result = 0;
  if (__builtin_mul_overflow(seconds, kNanosecondsPerSecond, &result) ||
      __builtin_add_overflow(result, nanoseconds, &result)) {
    return std::nullopt;
  }
  return result;
}

Timestamp now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t steady_now() {
  timespec time{};
  (void)clock_gettime(CLOCK_BOOTTIME, &time);  // Linux has it; it cannot fail then.
  return static_cast<std::int64_t>(time.tv_sec) * kNanosecondsPerSecond + time.tv_nsec;
}

}  // namespace towl

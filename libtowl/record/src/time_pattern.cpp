#include "towl/record/time_pattern.hpp"

#include <algorithm>
#include <utility>

#include "civil_text.hpp"

namespace towl {
namespace {

using detail::TextCursor;
using detail::WrittenTime;

constexpr std::int64_t kDayNs = 86'400 * kNanosecondsPerSecond;
/// Clocks differ a little.
constexpr std::int64_t kMostAheadNs = 3'600 * kNanosecondsPerSecond;
constexpr std::int64_t kMostDaysAhead = 1;

constexpr std::string_view kLetters = "YymdebBhaAHIMSpzZsfL";

/// What conversions that stand for several others mean.
std::string_view spelled_out(char letter) {
  switch (letter) {
    case 'F':
      return "%Y-%m-%d";
    case 'T':
      return "%H:%M:%S";
    case 'D':
      return "%m/%d/%y";
    case 'R':
      return "%H:%M";
    default:
      return {};
  }
}

constexpr bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// A number of `least` to `most` digits; digits after these belong to what follows.
std::optional<int> take_digits(TextCursor& from, int least, int most) {
  int value = 0;
  int digits = 0;
  for (; digits < most && detail::is_digit(from.peek()); ++digits) {
    value = value * 10 + (from.peek() - '0');
    from.skip(1);
  }
  return digits < least ? std::nullopt : std::optional(value);
}

/// The letters that come next, at most `most`.
std::size_t letters_ahead(const TextCursor& from, std::size_t most) {
  std::size_t count = 0;
  while (count < most && detail::is_letter(from.peek(count))) ++count;
  return count;
}

/// What a text says by conversions that are no part of a written time.
struct Said {
  WrittenTime time = {};
  std::optional<std::int64_t> epoch_s = {};
  std::optional<int> hour_of_12 = {};
  bool is_afternoon = false;
};

bool take_number(TextCursor& from, int least, int most, int& to) {
  const auto number = take_digits(from, least, most);
  if (number) to = *number;
  return number.has_value();
}

bool take_epoch(TextCursor& from, Said& said) {
  constexpr int kMostDigits = 11;
  std::int64_t value = 0;
  int digits = 0;
  for (; digits < kMostDigits && detail::is_digit(from.peek()); ++digits) {
    value = value * 10 + (from.peek() - '0');
    from.skip(1);
  }
  said.epoch_s = value;
  return digits > 0 && value < INT64_MAX / kNanosecondsPerSecond;
}

bool take_month_name(TextCursor& from, Said& said) {
  constexpr std::size_t kLongest = 9;
  const auto month = detail::take_month(from);
  if (!month) return false;
  said.time.month = *month;
  from.skip(letters_ahead(from, kLongest - 3));
  return true;
}

bool take_half_of_day(TextCursor& from, Said& said) {
  const char half = static_cast<char>(from.peek() | 0x20);
  if ((half != 'a' && half != 'p') || (from.peek(1) | 0x20) != 'm') return false;
  said.is_afternoon = half == 'p';
  from.skip(2);
  return true;
}

bool take_zone_name(TextCursor& from, Said& said) {
  constexpr std::size_t kLongest = 64;
  const std::string_view rest = from.rest();
  std::size_t size = letters_ahead(from, kLongest);
  if (size < rest.size() && size > 0 && rest[size] == '/') {
    while (size < rest.size() && (detail::is_letter(rest[size]) || detail::is_digit(rest[size]) ||
                                  std::string_view("/_+-").find(rest[size]) != std::string_view::npos)) {
      ++size;
    }
  }
  said.time.zone = rest.substr(0, size);
  from.skip(size);
  return size > 0;
}

bool take_conversion(TextCursor& from, char letter, Said& said) {
  WrittenTime& time = said.time;
  switch (letter) {
    case 'Y':
      return take_number(from, 4, 4, time.year);
    case 'y':
      // POSIX: 69 to 99 are of the last century.
      if (!take_number(from, 2, 2, time.year)) return false;
      time.year += time.year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return take_number(from, 1, 2, time.month);
    case 'e':
      from.take(' ');
      return take_number(from, 1, 2, time.day);
    case 'd':
      return take_number(from, 1, 2, time.day);
    case 'b':
    case 'B':
    case 'h':
      return take_month_name(from, said);
    case 'a':
    case 'A': {
      const std::size_t letters = letters_ahead(from, 9);
      from.skip(letters);
      return letters >= 3;
    }
    case 'H':
      return take_number(from, 1, 2, time.hour);
    case 'I':
      said.hour_of_12 = take_digits(from, 1, 2);
      return said.hour_of_12 && *said.hour_of_12 >= 1 && *said.hour_of_12 <= 12;
    case 'M':
      return take_number(from, 2, 2, time.minute);
    case 'S':
      return take_number(from, 2, 2, time.second);
    case 'p':
      return take_half_of_day(from, said);
    case 'z': {
      const char first = from.peek();
      return (first == 'Z' || first == 'z' || first == '+' || first == '-') && detail::take_offset(from, time);
    }
    case 'Z':
      return take_zone_name(from, said);
    case 's':
      return take_epoch(from, said);
    default: {
      const auto fraction = from.fraction(time.fraction_digits);
      time.nanosecond = fraction.value_or(0);
      return fraction.has_value();
    }
  }
}

}  // namespace

bool TimePattern::has(std::string_view letters) const {
  return std::any_of(steps_.begin(), steps_.end(), [&](const Step& step) {
    return step.is_conversion && letters.find(step.letter) != std::string_view::npos;
  });
}

Result<void> TimePattern::add(std::string_view format) {
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') {
      steps_.push_back({false, is_blank(format[i]) ? ' ' : format[i]});
      continue;
    }
    if (++i == format.size()) return fail(ErrorCode::invalid_argument, "the format ends with a single %");
    if (format[i] == '%') {
      steps_.push_back({false, '%'});
    } else if (const std::string_view several = spelled_out(format[i]); !several.empty()) {
      if (auto done = add(several); !done) return done;
    } else if (kLetters.find(format[i]) != std::string_view::npos) {
      steps_.push_back({true, format[i]});
    } else {
      return fail(ErrorCode::invalid_argument, "the format has %" + std::string(1, format[i]) + ", which is not known");
    }
  }
  return {};
}

Result<TimePattern> TimePattern::compile(std::string_view format, TimeZone zone) {
  TimePattern pattern(std::move(zone));
  if (auto done = pattern.add(format); !done) return fail(std::move(done.error()));
  if (pattern.has("s")) return pattern;
  if (!pattern.has("HI")) return fail(ErrorCode::invalid_argument, "the format has no hour: %H, or %I and %p");
  if (!pattern.has("de")) {
    pattern.lacks_ = Lacks::date;
  } else if (!pattern.has("Yy")) {
    pattern.lacks_ = Lacks::year;
  }
  return pattern;
}

std::optional<Timestamp> TimePattern::read(std::string_view text, Timestamp near) const {
  TextCursor from(text);
  Said said;
  for (const Step& step : steps_) {
    if (step.is_conversion) {
      if (!take_conversion(from, step.letter, said)) return std::nullopt;
    } else if (step.letter == ' ') {
      if (!is_blank(from.peek())) return std::nullopt;
      while (is_blank(from.peek())) from.skip(1);
    } else if (!from.take(step.letter)) {
      return std::nullopt;
    }
  }
  WrittenTime& time = said.time;
  if (said.epoch_s) return *said.epoch_s * kNanosecondsPerSecond + time.nanosecond;
  if (said.hour_of_12) time.hour = *said.hour_of_12 % 12 + (said.is_afternoon ? 12 : 0);
  if (lacks_ != Lacks::date) {
    if (lacks_ == Lacks::year) time.year = detail::likely_year(time, near, kMostDaysAhead);
    return detail::instant_of(time, zone_, near);
  }
  for (const int shift : {1, 0, -1}) {
    const CivilTime day = zone_.to_civil(near + shift * kDayNs);
    time.year = day.year;
    time.month = day.month;
    time.day = day.day;
    const auto instant = detail::instant_of(time, zone_, near);
    if (instant && *instant <= near + kMostAheadNs) return instant;
  }
  return std::nullopt;
}

}  // namespace towl

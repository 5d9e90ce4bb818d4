#include "output/local_time.hpp"

#include <array>
#include <cstdio>
#include <ctime>

namespace towlctl {
namespace {

struct Parts {
  std::tm civil{};
  int microsecond = 0;
};

Parts split(towl::Timestamp time, bool utc) {
  std::int64_t seconds = time / towl::kNanosecondsPerSecond;
  std::int64_t rest = time % towl::kNanosecondsPerSecond;
  if (rest < 0) {
    rest += towl::kNanosecondsPerSecond;
    --seconds;
  }
  Parts parts;
  const std::time_t epoch = seconds;
  if (utc) {
    gmtime_r(&epoch, &parts.civil);
  } else {
    localtime_r(&epoch, &parts.civil);
  }
  parts.microsecond = static_cast<int>(rest / 1000);
  return parts;
}

// Not strftime's %b and %a: log output does not depend on the locale.
constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::string month_to_second(const Parts& parts) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%s %02d %02d:%02d:%02d",
                kMonths[static_cast<std::size_t>(parts.civil.tm_mon)], parts.civil.tm_mday, parts.civil.tm_hour,
                parts.civil.tm_min, parts.civil.tm_sec);
  return text.data();
}

std::string microseconds(const Parts& parts) {
  std::array<char, 16> text{};
  std::snprintf(text.data(), text.size(), ".%06d", parts.microsecond);
  return text.data();
}

std::string format(const Parts& parts, const char* pattern) {
  std::array<char, 96> text{};
  return {text.data(), std::strftime(text.data(), text.size(), pattern, &parts.civil)};
}

}  // namespace

std::string format_short(towl::Timestamp time, bool utc) { return month_to_second(split(time, utc)); }

std::string format_short_precise(towl::Timestamp time, bool utc) {
  const Parts parts = split(time, utc);
  return month_to_second(parts) + microseconds(parts);
}

std::string format_short_iso(towl::Timestamp time, bool utc) { return format(split(time, utc), "%Y-%m-%dT%H:%M:%S%z"); }

std::string format_verbose(towl::Timestamp time, bool utc) {
  const Parts parts = split(time, utc);
  return std::string(kDays[static_cast<std::size_t>(parts.civil.tm_wday)]) + format(parts, " %Y-%m-%d %H:%M:%S") +
         microseconds(parts) + (utc ? " UTC" : format(parts, " %Z"));
}

}  // namespace towlctl

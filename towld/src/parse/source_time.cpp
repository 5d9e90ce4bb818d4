#include "parse/source_time.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace towld {
namespace {

constexpr std::int64_t kSecond = towl::kNanosecondsPerSecond;

/// The unit that makes a number of today's size of it: 1e8 seconds are 1973, 1e11 the year 5138.
std::optional<std::int64_t> unit_of(double number) {
  if (number < 1e8) return std::nullopt;
  if (number < 1e11) return kSecond;
  if (number < 1e14) return kSecond / 1000;
  if (number < 1e17) return kSecond / 1'000'000;
  return 1;
}

}  // namespace

std::optional<towl::Timestamp> parse_decimal_time(std::string_view text, std::int64_t unit_ns) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const auto point = text.find('.');
  const std::string_view whole_text = text.substr(0, point);
  if (whole_text.empty() || whole_text.front() < '0' || whole_text.front() > '9') return std::nullopt;
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
      if (c < '0' || c > '9') return std::nullopt;
      unit /= 10;
      time += (c - '0') * unit;
    }
  }
  return negative ? -time : time;
}

std::optional<towl::Timestamp> parse_source_time(std::string_view text) {
  if (const auto time = towl::parse_rfc3339(text)) return time;
  double number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || !std::isfinite(number)) return std::nullopt;
  const auto unit = unit_of(number);
  if (!unit) return std::nullopt;
  if (const auto exact = parse_decimal_time(text, *unit)) return exact;
  const double nanoseconds = number * static_cast<double>(*unit);  // 1.7e9
  if (nanoseconds > 9.2e18) return std::nullopt;
  return static_cast<towl::Timestamp>(nanoseconds);
}

}  // namespace towld

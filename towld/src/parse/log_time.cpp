#include "parse/log_time.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace towld {
namespace {

constexpr std::size_t kFractionDigits = 9;
constexpr std::int64_t kFractionScale = 1'000'000'000;

/// Nanoseconds of the unit that a number of this size is in.
std::int64_t unit_of(double number) {
  if (number < 1e11) return 1'000'000'000;
  if (number < 1e14) return 1'000'000;
  return number < 1e17 ? 1'000 : 1;
}

/// Billionths, of a fraction's digits.
std::optional<std::int64_t> parse_fraction(std::string_view digits) {
  std::int64_t value = 0;
  for (std::size_t i = 0; i < digits.size() || i < kFractionDigits; ++i) {
    if (i < digits.size() && (digits[i] < '0' || digits[i] > '9')) return std::nullopt;
    if (i < kFractionDigits) value = value * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  }
  return value;
}

std::optional<towl::Timestamp> parse_float(std::string_view text) {
  double number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size() || !(number >= 0)) return std::nullopt;
  const double time = number * static_cast<double>(unit_of(number));
  if (!(time < 0x1p63)) return std::nullopt;
  return static_cast<towl::Timestamp>(time);
}

}  // namespace

std::optional<towl::Timestamp> parse_log_time(std::string_view text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  if (text.size() > 4 && text[4] == '-') return towl::parse_rfc3339(text);
  std::int64_t whole = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (parsed.ec != std::errc()) return std::nullopt;
  std::string_view rest(parsed.ptr, static_cast<std::size_t>(text.data() + text.size() - parsed.ptr));
  if (rest.find_first_of("eE") != std::string_view::npos) return parse_float(text);
  std::int64_t fraction = 0;
  if (!rest.empty()) {
    const auto billionths = parse_fraction(rest.substr(1));
    if (rest.front() != '.' || rest.size() < 2 || !billionths) return std::nullopt;
    fraction = *billionths;
  }
  const std::int64_t unit = unit_of(static_cast<double>(whole));
  towl::Timestamp time = 0;
  if (__builtin_mul_overflow(whole, unit, &time) ||
      __builtin_add_overflow(time, fraction * unit / kFractionScale, &time)) {
    return std::nullopt;
  }
  return time;
}

}  // namespace towld

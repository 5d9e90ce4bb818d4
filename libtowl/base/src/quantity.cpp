#include "towl/quantity.hpp"

#include <array>
#include <charconv>
#include <limits>

#include "characters.hpp"

namespace towl {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::uint64_t kSecond = 1'000'000'000;
// If a size has several names, the first one is printed.
constexpr std::array kDurations = {
    Unit{"w", 604'800 * kSecond}, Unit{"d", 86'400 * kSecond}, Unit{"h", 3'600 * kSecond},
    Unit{"min", 60 * kSecond},    Unit{"m", 60 * kSecond},     Unit{"s", kSecond},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1},
};
constexpr std::array kSizes = {
    Unit{"PiB", std::uint64_t{1} << 50},
    Unit{"TiB", std::uint64_t{1} << 40},
    Unit{"GiB", std::uint64_t{1} << 30},
    Unit{"MiB", std::uint64_t{1} << 20},
    Unit{"KiB", std::uint64_t{1} << 10},
    Unit{"B", 1},
    Unit{"P", std::uint64_t{1} << 50},
    Unit{"T", std::uint64_t{1} << 40},
    Unit{"G", std::uint64_t{1} << 30},
    Unit{"M", std::uint64_t{1} << 20},
    Unit{"K", std::uint64_t{1} << 10},
    Unit{"k", std::uint64_t{1} << 10},
    Unit{"PB", 1'000'000'000'000'000},
    Unit{"TB", 1'000'000'000'000},
    Unit{"GB", 1'000'000'000},
    Unit{"MB", 1'000'000},
    Unit{"KB", 1'000},
    Unit{"kB", 1'000},
};

void skip_spaces(std::string_view& text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
}

/// Takes "12 unit" from the front of `text`. False if it is missing or too large.
template <std::size_t N>
bool take_term(std::string_view& text, const std::array<Unit, N>& units, std::uint64_t plain, std::uint64_t& value) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  skip_spaces(text);
  std::size_t length = 0;
  while (length < text.size() && !detail::is_digit(text[length]) && text[length] != ' ') ++length;
  const std::string_view name = text.substr(0, length);
  text.remove_prefix(length);
  skip_spaces(text);
  std::uint64_t size = name.empty() ? plain : 0;
  for (const Unit& unit : units) {
    if (unit.name == name) size = unit.size;
  }
  return size != 0 && !__builtin_mul_overflow(number, size, &value);
}

template <std::size_t N>
std::string format(std::uint64_t value, const std::array<Unit, N>& units, std::string_view none) {
  if (value == 0) return std::string(none);
  for (const Unit& unit : units) {
    if (value % unit.size == 0) return std::to_string(value / unit.size) + std::string(unit.name);
  }
  return {};
}

}  // namespace

Result<std::int64_t> parse_duration(std::string_view text) {
  std::string_view rest = text;
  std::uint64_t sum = 0;
  bool any = false;
  for (skip_spaces(rest); !rest.empty(); any = true) {
    std::uint64_t term = 0;
    if (!take_term(rest, kDurations, kSecond, term) || __builtin_add_overflow(sum, term, &sum)) {
      any = false;
      break;
    }
  }
  if (!any || sum > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is not a duration: write it as 5s, 10min, 1h or 7d");
  }
  return static_cast<std::int64_t>(sum);
}

Result<std::uint64_t> parse_bytes(std::string_view text) {
  std::string_view rest = text;
  skip_spaces(rest);
  std::uint64_t value = 0;
  if (!take_term(rest, kSizes, 1, value) || !rest.empty()) {
    return fail(ErrorCode::invalid_argument,
                "\"" + std::string(text) + "\" is not a size: write it as 512KiB, 64MiB or 10GiB");
  }
  return value;
}

std::string format_duration(std::int64_t nanoseconds) {
  return format(static_cast<std::uint64_t>(nanoseconds), kDurations, "0s");
}

std::string format_exact_bytes(std::uint64_t bytes) { return format(bytes, kSizes, "0B"); }

}  // namespace towl

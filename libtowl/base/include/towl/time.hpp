// Times are int64 nanoseconds since 1970-01-01T00:00:00Z, without leap seconds (POSIX time).
// They range from 1677-09-21T00:12:43.145224192Z to 2262-04-11T23:47:16.854775807Z.
//
// On disk a time is RFC 3339 text (https://www.rfc-editor.org/rfc/rfc3339) in UTC with 0, 3, 6 or 9
// fractional digits, as few as the value needs: the rule of Rust's chrono (SecondsFormat::AutoSi).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace towl {

/// Nanoseconds since the epoch, UTC.
using Timestamp = std::int64_t;

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

/// The longest text that format_rfc3339() makes: "2026-01-17T14:30:00.123456789Z".
inline constexpr std::size_t kMaxRfc3339Bytes = 30;

/// Room for one formatted time; `view()` is valid while this object lives.
struct Rfc3339 {
  std::array<char, kMaxRfc3339Bytes> text;
  std::uint8_t length;
  std::string_view view() const { return {text.data(), length}; }
};

/// Prints `time` in UTC with `Z` and 0, 3, 6 or 9 fractional digits. Any int64 has a text; no allocation.
Rfc3339 format_rfc3339(Timestamp time);

/// Reads RFC 3339 text: `T`, `t` or a space between date and time; any number of fractional digits (those
/// past the ninth are cut off); `Z`, `z` or an offset ±hh:mm. A second of 60 is taken as the first second of
/// the next minute, as POSIX time does. nullopt for anything else and for times outside int64 nanoseconds.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

/// A calendar date and time of day in the proleptic Gregorian calendar.
struct CivilTime {
  std::int32_t year;
  std::uint8_t month;   ///< 1–12
  std::uint8_t day;     ///< 1–31
  std::uint8_t hour;    ///< 0–23
  std::uint8_t minute;  ///< 0–59
  std::uint8_t second;  ///< 0–59
  std::uint32_t nanosecond;
};

/// `time` as a date and time of day in UTC.
CivilTime to_civil(Timestamp time);

/// Days from 1970-01-01 to the date, which may be before it (Howard Hinnant, "chrono-compatible
/// low-level date algorithms", days_from_civil).
std::int64_t days_from_civil(std::int32_t year, unsigned month, unsigned day);

/// The system's clock now. Not monotonic: it jumps when the clock is set.
Timestamp now();

/// Nanoseconds since the machine was started: nobody can set it, and it also counts while the machine sleeps
/// (CLOCK_BOOTTIME). Useful for differences only.
std::int64_t steady_now();

}  // namespace towl

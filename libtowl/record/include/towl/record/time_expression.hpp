// parse_time_expression reads the times that people ask for, in the syntax of systemd.time(7).
#pragma once

#include <string_view>

#include "towl/record/time_zone.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towl {

/// Reads, relative to `now` if that is needed:
///   now, today, yesterday, tomorrow           (midnight, for the days)
///   -1h, +5min, 2 hours ago, 1h 30min left, 1 month ago
///                                             (systemd's units: usec to years; a month is 30.44 days, a year 365.25;
///                                             a number without a unit is seconds)
///   2026-01-17, 2026-01-17 14:30, 14:30, 14:30:05.25
///   all that read_event_time() reads, and so all times that towlctl and journalctl print
///   @1768660200, @1768660200.5                (seconds since the epoch)
///   1768660200                                (since the epoch; its size tells seconds from ms, us and ns)
/// All but the last two and the offsets may have a weekday before and a zone after them: Z, UTC, +01:00, CEST,
/// Europe/Berlin. Without a zone a time is one of `zone`.
/// Errors: invalid_argument, with examples; also for an empty text and for times that int64 nanoseconds cannot hold.
Result<Timestamp> parse_time_expression(std::string_view text, Timestamp now, const TimeZone& zone = TimeZone::local());

/// Which end of a range a time is.
enum class TimeBound { since, until };

/// The same for one end of a range. A local time that occurs twice, because clocks are set back, is the first of the
/// two as `since` and the second as `until`, so that the range has both.
Result<Timestamp> parse_time_bound(std::string_view text, TimeBound bound, Timestamp now,
                                   const TimeZone& zone = TimeZone::local());

}  // namespace towl

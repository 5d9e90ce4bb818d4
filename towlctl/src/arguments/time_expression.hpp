// parse_time_expression reads times as systemd.time(7) has them.
#pragma once

#include <string_view>

#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towlctl {

/// Reads, relative to `now` where that is needed:
///   now, today, yesterday, tomorrow        (midnight, for the days)
///   -1h, +5min, 2h ago, 1h 30min left      (durations as towl::parse_duration reads them)
///   2026-01-17, 2026-01-17 14:30, 2026-01-17 14:30:05.25, 14:30, all also with UTC or Z behind
///   2026-01-17T14:30:05Z, 2026-01-17T14:30:05+02:00   (RFC 3339)
///   @1768660200, @1768660200.5             (seconds since the epoch)
/// Without a zone a time is local, as the TZ of the process has it.
/// Errors: invalid_argument, with examples; also for times that int64 nanoseconds cannot hold.
towl::Result<towl::Timestamp> parse_time_expression(std::string_view text, towl::Timestamp now);

}  // namespace towlctl

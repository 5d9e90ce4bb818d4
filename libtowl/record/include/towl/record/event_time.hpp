// Reads when an entry says that it happened: the one reader of the times that programs write.
//
// Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "towl/record/time_zone.hpp"
#include "towl/time.hpp"

namespace towl {

/// Reads a whole text as a time:
///   RFC 3339, also with a blank or _ for the T, / in the date, a comma before the fraction, +0100 or +01 for +01:00,
///   a blank before the zone, without seconds, or with a zone's abbreviation or name: UTC, CEST, Europe/Berlin
///   the same after a weekday, as `cat -o verbose` prints it
///   17 Jan 2026 14:30:05 +0100 (RFC 5322 and HTTP, also after "Sat, "), 17/Jan/2026:14:30:05 +0100 (access logs),
///   Sat Jan 17 14:30:05 2026 (asctime), Sat Jan 17 14:30:05 CET 2026 (date), Jan 17 14:30:05 (syslog)
///   a number since the epoch, whole or decimal: of `unit_ns` nanoseconds each, or, if that is 0, seconds,
///   milliseconds, microseconds or nanoseconds, told by its size (1973 to 5138, in seconds)
///   {"$date":…}: RFC 3339, milliseconds, or {"$numberLong":"…"} (MongoDB's Extended JSON)
/// Without a zone it is a time of `zone`; without a year, the last year that puts it before `near` or a day after it.
/// nullopt for anything else, and for what int64 nanoseconds cannot hold.
std::optional<Timestamp> read_event_time(std::string_view text, const TimeZone& zone, Timestamp near,
                                         std::int64_t unit_ns = 0);

/// Removes the time that `rest` begins with, if it is RFC 3339 or nearly so, as above, and returns it. A blank and
/// letters after it belong to it only if they are UTC, GMT or an abbreviation of `zone`. nullopt, and `rest` as it was,
/// if it begins with none.
std::optional<Timestamp> take_iso_time(std::string_view& rest, const TimeZone& zone, Timestamp near);

/// Reads whole and decimal numbers of `unit_ns` nanoseconds since the epoch, exactly. nullopt for anything else.
std::optional<Timestamp> read_decimal_time(std::string_view text, std::int64_t unit_ns);

}  // namespace towl

// The times in syslog messages: RFC 3339's (RFC 5424), "Nov  1 09:05:00" without year and zone (RFC 3164), and what
// devices make of both.
//
// Pure; nothing is allocated. Views are into what was read.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "towl/record/time_zone.hpp"
#include "towl/time.hpp"

namespace towl {

struct SyslogTime {
  std::string_view text;             ///< As it came.
  std::optional<Timestamp> instant;  ///< None if there is no such date.
  /// `text` says no more than the instant in microseconds: it is in UTC, with at most six digits of a second.
  bool is_instant = false;
};

/// The last time of RFC 3164 that was read: most messages of a stream are from the same second, and reading a time is a
/// tenth of the work. One thread at a time.
struct SyslogTimeCache {
  std::array<char, 15> text = {};
  std::int64_t received_s = 0;  ///< The year and the hour depend on it.
  std::optional<Timestamp> instant = {};
};

/// Removes the time that `rest` begins with and returns it; nullopt, and `rest` as it was, if it begins with none. A
/// time is followed by a blank or the end.
///
/// It reads RFC 3339, also with a blank for the T, a comma for the point, +0100 for +01:00, or without a zone.
/// It reads "Nov 1 09:05:00" with the day in one digit or two; the year at the front, after the day or at the end; with
/// a fraction; with ':', '*' or '.' before it (Cisco's devices); and with a colon or "CET:" at the end. CET stands for
/// any abbreviation of a zone that TimeZone::offset_of() knows.
/// Such an abbreviation before a host's name belongs to the time, too.
/// A missing year is the last one that puts the time before `received` or at most a month after it: the sender's clock
/// may be ahead, and its December arrive in January.
std::optional<SyslogTime> take_syslog_time(std::string_view& rest, Timestamp received, const TimeZone& zone,
                                           SyslogTimeCache* cache = nullptr);

}  // namespace towl

// TimeZone turns local dates and times of day into instants and back, by the rules of the time zone database.
//
// Format:  TZif files (RFC 8536) below $TZDIR or /usr/share/zoneinfo, and POSIX TZ strings ("CET-1CEST,M3.5.0,…"). libc
//          knows one zone a process, that of TZ; logs have times of other zones.
// Cost:    load() reads a file of a few KiB; copies share what it read.
// Threads: any; it does not change.
// Errors:  names come from outside and become paths only if they are letters, digits and _+-/, without "..".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towl {

class TimeZone {
 public:
  /// UTC.
  TimeZone() = default;

  /// `name` is one of the database's ("Europe/Berlin", "UTC") or a POSIX TZ string; empty: local().
  /// Errors: not_found, corrupt.
  static Result<TimeZone> load(std::string_view name);

  /// The zone of the process: TZ, else /etc/localtime, else UTC.
  static TimeZone local();

  struct Offset {
    std::int32_t seconds = 0;  ///< East of UTC.
    bool is_daylight_saving = false;
    std::string_view abbreviation = "UTC";  ///< "CET"; lives as long as a copy of the zone.
  };

  /// What is added to UTC at `time`.
  Offset at(Timestamp time) const;

  /// The instant of `civil`, whose second may be 60; nullopt if int64 nanoseconds cannot hold it. A time that a change
  /// of the clocks makes ambiguous or leaves out becomes the instant closest to `near`.
  std::optional<Timestamp> to_instant(const CivilTime& civil, Timestamp near) const;

  /// `time` as a date and time of day here.
  CivilTime to_civil(Timestamp time) const;

  /// The offset that this zone calls `abbreviation` ("CEST") at some time of the year of `near`, else the one that the
  /// abbreviation means nearly everywhere: "UTC", "GMT", "CET", "EST", "PDT" … nullopt for others.
  std::optional<std::int32_t> offset_of(std::string_view abbreviation, Timestamp near) const;

  friend bool operator==(const TimeZone&, const TimeZone&) = default;

 private:
  struct Rules;
  explicit TimeZone(std::shared_ptr<const Rules> rules) : rules_(std::move(rules)) {}
  Offset at_second(std::int64_t second) const;

  std::shared_ptr<const Rules> rules_;  // nullptr: UTC.
};

}  // namespace towl

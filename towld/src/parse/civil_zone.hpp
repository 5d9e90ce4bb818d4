// CivilZone turns local dates and times of day into instants.
//
// Threads: any; it does not change.
#pragma once

#include <absl/time/time.h>

#include <string>

#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towld {

class CivilZone {
 public:
  /// UTC.
  CivilZone() = default;

  /// `name` is one of the time zone database's ("Europe/Berlin", "UTC"); empty: this machine's zone.
  /// Errors: not_found.
  static towl::Result<CivilZone> load(const std::string& name);

  /// The instant of `civil`, whose second may be 60. What a change of the clocks makes ambiguous or leaves out is the
  /// instant closest to `near`.
  towl::Timestamp to_instant(const towl::CivilTime& civil, towl::Timestamp near) const;

 private:
  explicit CivilZone(absl::TimeZone zone) : zone_(zone), is_utc_(zone == absl::UTCTimeZone()) {}

  absl::TimeZone zone_ = absl::UTCTimeZone();
  bool is_utc_ = true;
};

}  // namespace towld

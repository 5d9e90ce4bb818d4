// TimeFormat reads a time off the front of a text.
//
// Formats: rfc3339 (also with a blank for the T, a comma before the fraction, or without a zone), unix, unix_ms,
//          unix_us, unix_ns, or strptime's: see towl/record/time_pattern.hpp.
// Threads: any; it does not change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "towl/record/time_pattern.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towld {

class TimeFormat {
 public:
  /// `zone` is a name of the tz database (https://www.iana.org/time-zones) for times without one; "": this machine's.
  /// Errors, with `place`: invalid_argument.
  static towl::Result<TimeFormat> compile(const std::string& format, const std::string& zone, const std::string& place);

  /// The time that `text` begins with, after space and what may open a time: [ ( ".
  std::optional<towl::Timestamp> parse(std::string_view text, towl::Timestamp near) const;

 private:
  explicit TimeFormat(towl::TimeZone zone) : zone_(std::move(zone)) {}

  towl::TimeZone zone_;
  std::int64_t unit_ns_ = 0;                       ///< Of numbers.
  std::optional<towl::TimePattern> pattern_ = {};  ///< Neither: rfc3339.
};

}  // namespace towld

// TimeFormat reads a time off the front of a text.
//
// Formats: rfc3339 (also with a blank for the T, a comma before the fraction, or without a zone), unix, unix_ms,
//          unix_us, unix_ns, or strptime's: %Y %y %m %d %e %b %B %h %a %A %H %I %M %S %p %z %Z (UTC and GMT alone) %s
//          %f (a fraction of a second, of any number of digits; also %L) %F %T %D %R %%. A blank stands for any number.
// Without a year or a date, that of about `near` is meant: a log tells the time of its writing.
// Threads: any; it does not change.
#pragma once

#include <absl/time/time.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "parse/pattern.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towld {

class TimeFormat {
 public:
  /// `zone` is a name of the tz database (https://www.iana.org/time-zones) for times without one; "": this machine's.
  /// Errors, with `place`: invalid_argument.
  static towl::Result<TimeFormat> compile(const std::string& format, const std::string& zone, const std::string& place);

  std::optional<towl::Timestamp> parse(std::string_view text, towl::Timestamp near) const;

 private:
  enum class Kind { rfc3339, number, strptime };
  enum class Lacks { nothing, year, date };

  TimeFormat(Kind kind, Pattern pattern, absl::TimeZone zone)
      : kind_(kind), pattern_(std::move(pattern)), zone_(zone) {}

  std::optional<towl::Timestamp> parse_rfc3339(std::string_view text, towl::Timestamp near) const;
  std::optional<towl::Timestamp> parse_strptime(std::string_view text, towl::Timestamp near) const;
  std::optional<absl::Time> parse_absl(std::string_view text, const std::string& date) const;

  Kind kind_;
  Pattern pattern_;               ///< Finds where the time ends.
  towl::TimeZone iso_zone_ = {};  ///< Of rfc3339.
  absl::TimeZone zone_;
  std::string format_ = {};   ///< Of absl::ParseTime.
  std::int64_t unit_ns_ = 0;  ///< Of numbers.
  Lacks lacks_ = Lacks::nothing;
};

}  // namespace towld

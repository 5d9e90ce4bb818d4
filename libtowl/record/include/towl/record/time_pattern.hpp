// TimePattern reads times by a format that a user wrote, as strptime(3) does, with some additions for logs.
//
// Conversions: %Y %y %m %d %e %b %B %h %a %A %H %I %M %S %p %z %Z %s %f %L %F %T %D %R %%.
//              %f and %L are a fraction of a second of any number of digits; %z is Z, +01, +0100 or +01:00; %Z is an
//              abbreviation ("CEST", see TimeZone::offset_of()) or a name ("Europe/Berlin"). A blank stands for one or
//              more blanks.
// A missing year is the last one that puts the date before `near` or a day after it (29 February: the last leap year).
// A missing date is the last day that puts the time before `near` or an hour after it. A date that does not exist (30
// February) is no time. If the clocks have an hour twice, the one closest to `near` is taken.
// Threads: any; it does not change.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "towl/record/time_zone.hpp"
#include "towl/result.hpp"
#include "towl/time.hpp"

namespace towl {

class TimePattern {
 public:
  /// `zone` is for times that name none. Errors: invalid_argument: an unknown conversion, or no time of day.
  static Result<TimePattern> compile(std::string_view format, TimeZone zone);

  /// The time that `text` begins with; what follows it does not matter. nullopt for none.
  std::optional<Timestamp> read(std::string_view text, Timestamp near) const;

 private:
  struct Step {
    bool is_conversion = false;
    char letter = '\0';  ///< The conversion's, or the character itself; a blank: any number of them.
  };
  enum class Lacks { nothing, year, date };

  explicit TimePattern(TimeZone zone) : zone_(std::move(zone)) {}
  Result<void> add(std::string_view format);
  bool has(std::string_view letters) const;

  TimeZone zone_;
  std::vector<Step> steps_ = {};
  Lacks lacks_ = Lacks::nothing;
};

}  // namespace towl

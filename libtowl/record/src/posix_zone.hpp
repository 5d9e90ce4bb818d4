// PosixZone is a zone given by a rule, as in POSIX's TZ: "CET-1CEST,M3.5.0,M10.5.0/3".
//
// Format: https://pubs.opengroup.org/onlinepubs/9699919799/basedefs/V1_chap08.html, TZ, with RFC 8536's hours of -167
//         to 167.
//         TZif files end with one, for the time after their last change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace towl::detail {

class PosixZone {
 public:
  /// nullopt if `text` is no such rule.
  static std::optional<PosixZone> parse(std::string_view text);

  struct Kind {
    std::int32_t offset_s = 0;  ///< East of UTC.
    std::string abbreviation = {};
  };

  const Kind& standard() const { return standard_; }

  /// nullptr for standard time all year.
  const Kind* daylight() const { return daylight_ ? &*daylight_ : nullptr; }

  /// Whether daylight saving time applies at `second` since the epoch, UTC.
  bool is_daylight(std::int64_t second) const;

 private:
  enum class DayKind { of_month, of_year, of_year_without_leap_day };
  struct Change {
    DayKind kind = DayKind::of_month;
    int month = 0;
    int week = 0;
    int day = 0;  ///< Of the week, Sunday is 0; or of the year.
    std::int32_t time_s = 7200;
  };
  static bool take_change(std::string_view& text, Change& change);
  static std::int64_t second_of(const Change& change, std::int32_t year);

  Kind standard_;
  std::optional<Kind> daylight_;
  Change begin_;
  Change end_;
};

}  // namespace towl::detail

// Dates and times of day in texts: what all readers of times use.
//
// Pure; nothing is allocated. A taker that fails may have moved the cursor: keep a copy to go back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "characters.hpp"
#include "towl/record/time_zone.hpp"
#include "towl/time.hpp"

namespace towl::detail {

/// Reads from the front of a view.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {}

  std::size_t at() const { return at_; }
  bool at_end() const { return at_ == text_.size(); }
  std::string_view rest() const { return text_.substr(at_); }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip(std::size_t count) { at_ += count; }

  bool take(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  /// A number of `least` to `most` digits, with no digit after it.
  std::optional<int> number(int least, int most);

  /// Nanoseconds, and how many digits say them; digits past the ninth are cut off.
  std::optional<std::uint32_t> fraction(int& digits);

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// A time as it is written; unchecked.
struct WrittenTime {
  int year = 0;  ///< 0: not said.
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  std::uint32_t nanosecond = 0;
  int fraction_digits = 0;
  std::optional<std::int32_t> offset_s = {};  ///< East of UTC.
  std::string_view zone = {};                 ///< "CEST", "Europe/Berlin", if it is written so.
};

/// "Oct", of any case.
std::optional<int> take_month(TextCursor& from);

/// "14:30:05", with ".25" or ",25"; the seconds may be left out if `seconds_needed` is false.
bool take_clock(TextCursor& from, WrittenTime& time, bool seconds_needed = true);

/// "Z", "+01:00", "+0100", "+01" or nothing.
bool take_offset(TextCursor& from, WrittenTime& time);

/// The same, or " UTC", " CEST", " Europe/Berlin", also with a blank before an offset.
bool take_zone(TextCursor& from, WrittenTime& time);

/// "2026-01-17T14:30:05,25+0100": `separator` is between the parts of the date, and T, t, _ or a blank after it.
bool take_iso(TextCursor& from, WrittenTime& time, char separator = '-', bool seconds_needed = true);

/// "Nov  1 09:05:00": the day in one digit or two; the year before the month, after the day, or not at all.
bool take_month_first(TextCursor& from, WrittenTime& time);

/// "17 Jan 2026 14:30:05 +0100", "17/Jan/2026:14:30:05 +0100", "17-Jan-2026 14:30:05".
bool take_day_first(TextCursor& from, WrittenTime& time);

/// "Sat ", "Sat, " or "Saturday ", if it is there.
void skip_weekday(TextCursor& from);

bool is_date(int year, int month, int day);

/// The last year that puts the date before `near` or at most `most_days_ahead` after it; 0 if there is none.
int likely_year(const WrittenTime& time, Timestamp near, std::int64_t most_days_ahead);

/// The instant of a time with a year; nullopt for one that no clock shows. Without an offset or a zone that is known,
/// the time is in `zone`.
std::optional<Timestamp> instant_of(const WrittenTime& time, const TimeZone& zone, Timestamp near);

}  // namespace towl::detail

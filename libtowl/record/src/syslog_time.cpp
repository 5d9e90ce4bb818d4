#include "towl/record/syslog_time.hpp"

#include "civil_text.hpp"

namespace towl {
namespace {

using detail::TextCursor;
using detail::WrittenTime;

/// Microseconds are what is kept of an instant.
constexpr int kKeptDigits = 6;
/// The sender's clock may be ahead, and its December arrive in January.
constexpr std::int64_t kMostDaysAhead = 31;

// " 2026" after a time of day, if it cannot be a host's name.
void take_last_year(TextCursor& from, WrittenTime& time) {
  const bool is_year = from.peek() == ' ' && (from.peek(1) == '2' || from.peek(1) == '1') &&
                       detail::is_digit(from.peek(2)) && detail::is_digit(from.peek(3)) &&
                       detail::is_digit(from.peek(4)) &&
                       (from.peek(5) == ' ' || (from.peek(5) == ':' && from.peek(6) == ' '));
  if (!is_year || time.year != 0) return;
  from.skip(1);
  time.year = from.number(4, 4).value_or(0);
}

// " UTC:" or ":".
void take_colon(TextCursor& from, WrittenTime& time) {
  constexpr std::size_t kLongestZone = 5;
  if (from.peek() == ':') return from.skip(1);
  if (from.peek() != ' ') return;
  std::size_t letters = 0;
  while (letters <= kLongestZone && from.peek(1 + letters) >= 'A' && from.peek(1 + letters) <= 'Z') ++letters;
  if (letters == 0 || letters > kLongestZone || from.peek(1 + letters) != ':') return;
  const bool is_utc = (letters == 3 && from.peek(1) == 'U' && from.peek(2) == 'T' && from.peek(3) == 'C') ||
                      (letters == 3 && from.peek(1) == 'G' && from.peek(2) == 'M' && from.peek(3) == 'T');
  // The letters of other zones are ambiguous; such a word may also be a tag.
  if (!is_utc) return;
  time.offset_s = 0;
  from.skip(2 + letters);
}

bool take_bsd(TextCursor& from, WrittenTime& time) {
  if (from.peek() == '*' || from.peek() == '.') from.skip(1);
  if (!detail::take_month_first(from, time)) return false;
  take_last_year(from, time);
  take_colon(from, time);
  return true;
}

std::optional<Timestamp> instant_of(WrittenTime time, Timestamp received, const TimeZone& zone) {
  if (time.year == 0) time.year = detail::likely_year(time, received, kMostDaysAhead);
  return detail::instant_of(time, zone, received);
}

/// "Nov 21 09:58:00 web-1": no year, zone or colon follows.
bool is_short_time(std::string_view rest, const SyslogTimeCache& cache) {
  const std::size_t size = cache.text.size();
  return rest.size() > size + 1 && rest[size] == ' ' && rest[size + 1] >= 'a' && rest[size + 1] <= 'z';
}

}  // namespace

std::optional<SyslogTime> take_syslog_time(std::string_view& rest, Timestamp received, const TimeZone& zone,
                                           SyslogTimeCache* cache) {
  const std::int64_t received_s = received / kNanosecondsPerSecond;
  const bool may_be_known = cache != nullptr && is_short_time(rest, *cache);
  if (may_be_known && received_s == cache->received_s && rest.starts_with({cache->text.data(), cache->text.size()})) {
    SyslogTime time{.text = rest.substr(0, cache->text.size()), .instant = cache->instant};
    rest.remove_prefix(cache->text.size());
    return time;
  }
  const bool is_iso = rest.size() > 4 && rest[4] == '-';
  TextCursor from(rest);
  WrittenTime written;
  if (is_iso ? !take_iso(from, written) || !take_offset(from, written) : !take_bsd(from, written)) return std::nullopt;
  if (!from.at_end() && from.peek() != ' ') return std::nullopt;
  SyslogTime time;
  time.text = rest.substr(0, from.at());
  time.instant = instant_of(written, received, zone);
  time.is_instant =
      is_iso && time.instant && written.offset_s == 0 && written.fraction_digits <= kKeptDigits && written.second < 60;
  if (may_be_known && !is_iso && time.text.size() == cache->text.size()) {
    time.text.copy(cache->text.data(), cache->text.size());
    cache->received_s = received_s;
    cache->instant = time.instant;
  }
  rest.remove_prefix(from.at());
  return time;
}

}  // namespace towl

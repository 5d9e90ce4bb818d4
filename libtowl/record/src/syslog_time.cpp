#include "towl/record/syslog_time.hpp"

#include "civil_text.hpp"

namespace towl {
namespace {

using detail::TextCursor;
using detail::WrittenTime;

/// Microseconds are what is kept of an instant.
constexpr int kKeptDigits = 6;
/// The sender's clock may be ahead, and its December arrive in January.
constexpr std::int64_t kMostSyslogDaysAhead = 31;

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

/// The abbreviation of a zone that `zone` knows, at most five capital letters after a blank; empty for none.
std::string_view zone_ahead(const TextCursor& from, const TimeZone& zone, Timestamp received) {
  constexpr std::size_t kLongestZone = 5;
  if (from.peek() != ' ') return {};
  std::size_t letters = 0;
  while (letters <= kLongestZone && from.peek(1 + letters) >= 'A' && from.peek(1 + letters) <= 'Z') ++letters;
  if (letters < 2 || letters > kLongestZone) return {};
  const std::string_view name = from.rest().substr(1, letters);
  return zone.offset_of(name, received) ? name : std::string_view();
}

/// " CET:" or ":", as Cisco's devices write it; or " CET" before a host's name. Other words are hosts and tags.
void take_end(TextCursor& from, WrittenTime& time, const TimeZone& zone, Timestamp received) {
  if (from.peek() == ':') return from.skip(1);
  const std::string_view name = zone_ahead(from, zone, received);
  if (name.empty()) return;
  const std::string_view after = from.rest().substr(1 + name.size());
  if (after.starts_with(':')) {
    time.zone = name;
    from.skip(2 + name.size());
    return;
  }
  // "MSK sshd: …" is of a host called MSK.
  if (!after.starts_with(' ')) return;
  const std::string_view next = after.substr(1, after.find(' ', 1) - 1);
  if (next.empty() || next.ends_with(':')) return;
  time.zone = name;
  from.skip(1 + name.size());
  take_last_year(from, time);
}

bool take_bsd(TextCursor& from, WrittenTime& time, const TimeZone& zone, Timestamp received) {
  // ':' from Cisco's firewalls; '*' and '.' from devices whose clock is not set, or not in step.
  if (from.take(':')) from.take(' ');
  if (from.peek() == '*' || from.peek() == '.') from.skip(1);
  if (!detail::take_month_first(from, time)) return false;
  take_last_year(from, time);
  take_end(from, time, zone, received);
  return true;
}

std::optional<Timestamp> instant_of(WrittenTime time, Timestamp received, const TimeZone& zone) {
  if (time.year == 0) time.year = detail::likely_year(time, received, kMostSyslogDaysAhead);
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
  const bool is_taken =
      is_iso ? take_iso(from, written) && take_offset(from, written) : take_bsd(from, written, zone, received);
  if (!is_taken) return std::nullopt;
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

#include "towl/record/time_zone.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

#include "posix_zone.hpp"

namespace towl {

struct TimeZone::Rules {
  struct Kind {
    std::int32_t offset_s = 0;
    bool is_daylight_saving = false;
    std::string abbreviation = {};
  };
  std::vector<std::int64_t> changes = {};       // Seconds since the epoch, ascending.
  std::vector<std::uint8_t> kinds_then = {};    // Of each change: what applies from it on.
  std::vector<Kind> kinds = {};                 // The first applies before all changes.
  std::optional<detail::PosixZone> after = {};  // The last change, or always.
};

namespace {

/// The largest of the database has 4 KiB.
constexpr std::size_t kMaxFileBytes = std::size_t{256} << 10;
constexpr std::size_t kMaxZoneNameBytes = 64;
constexpr std::int64_t kDaySeconds = 86'400;

/// RFC 8536, 3.1.
struct Header {
  static constexpr std::size_t kBytes = 44;
  char version = '\0';
  std::size_t utc_indicators = 0;
  std::size_t standard_indicators = 0;
  std::size_t leap_seconds = 0;
  std::size_t changes = 0;
  std::size_t kinds = 0;
  std::size_t abbreviation_bytes = 0;

  std::size_t body_bytes(std::size_t time_bytes) const {
    return changes * time_bytes + changes + kinds * 6 + abbreviation_bytes + leap_seconds * (time_bytes + 4) +
           standard_indicators + utc_indicators;
  }
};

std::uint64_t big_endian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
  return value;
}

std::optional<Header> read_header(std::string_view bytes) {
  if (bytes.size() < Header::kBytes || !bytes.starts_with("TZif")) return std::nullopt;
  const auto count = [&](std::size_t index) {
    return static_cast<std::size_t>(big_endian(bytes.substr(20 + index * 4, 4)));
  };
  Header header{bytes[4], count(0), count(1), count(2), count(3), count(4), count(5)};
  for (const std::size_t each : {header.utc_indicators, header.standard_indicators, header.leap_seconds, header.changes,
                                 header.kinds, header.abbreviation_bytes}) {
    if (each > kMaxFileBytes) return std::nullopt;
  }
  if (header.kinds == 0 || header.kinds > 256 || header.abbreviation_bytes == 0) return std::nullopt;
  return header;
}

/// RFC 8536, 3.2. `bytes` has header.body_bytes(time_bytes).
template <class Rules>
std::optional<Rules> read_body(std::string_view bytes, const Header& header, std::size_t time_bytes) {
  Rules rules;
  for (std::size_t i = 0; i < header.changes; ++i) {
    const std::uint64_t value = big_endian(bytes.substr(i * time_bytes, time_bytes));
    rules.changes.push_back(time_bytes == 4 ? static_cast<std::int32_t>(value) : static_cast<std::int64_t>(value));
  }
  if (!std::is_sorted(rules.changes.begin(), rules.changes.end())) return std::nullopt;
  bytes.remove_prefix(header.changes * time_bytes);
  for (std::size_t i = 0; i < header.changes; ++i) {
    rules.kinds_then.push_back(static_cast<std::uint8_t>(bytes[i]));
    if (rules.kinds_then.back() >= header.kinds) return std::nullopt;
  }
  bytes.remove_prefix(header.changes);
  const std::string_view abbreviations = bytes.substr(header.kinds * 6, header.abbreviation_bytes);
  for (std::size_t i = 0; i < header.kinds; ++i) {
    const std::string_view kind = bytes.substr(i * 6, 6);
    const auto name = static_cast<unsigned char>(kind[5]);
    const auto offset = static_cast<std::int32_t>(big_endian(kind.substr(0, 4)));
    if (name >= abbreviations.size() || offset < -kDaySeconds * 2 || offset > kDaySeconds * 2) return std::nullopt;
    const std::string_view rest = abbreviations.substr(name);
    rules.kinds.push_back({offset, kind[4] != 0, std::string(rest.substr(0, rest.find('\0')))});
  }
  return rules;
}

template <class Rules>
std::optional<Rules> read_tzif(std::string_view bytes) {
  auto header = read_header(bytes);
  if (!header) return std::nullopt;
  std::size_t time_bytes = 4;
  if (header->version >= '2') {
    // The second part, with times of 64 bits, is the one that counts.
    const std::size_t first = Header::kBytes + header->body_bytes(4);
    if (first > bytes.size()) return std::nullopt;
    bytes.remove_prefix(first);
    header = read_header(bytes);
    if (!header) return std::nullopt;
    time_bytes = 8;
  }
  bytes.remove_prefix(Header::kBytes);
  if (header->body_bytes(time_bytes) > bytes.size()) return std::nullopt;
  auto rules = read_body<Rules>(bytes, *header, time_bytes);
  if (!rules || time_bytes == 4) return rules;
  bytes.remove_prefix(header->body_bytes(time_bytes));
  if (bytes.size() > 2 && bytes.front() == '\n' && bytes.back() == '\n') {
    rules->after = detail::PosixZone::parse(bytes.substr(1, bytes.size() - 2));
  }
  return rules;
}

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+-/").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.size() <= kMaxZoneNameBytes && name.front() != '/' && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), allowed);
}

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::string bytes(kMaxFileBytes + 1, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(file.gcount()));
  if (bytes.size() > kMaxFileBytes) return std::nullopt;
  return bytes;
}

std::string folder() {
  const char* set = std::getenv("TZDIR");  // NOLINT(concurrency-mt-unsafe): nothing of ours sets it
  return set != nullptr && *set != '\0' ? set : "/usr/share/zoneinfo";
}

std::int64_t floor_second(Timestamp time) {
  return time / kNanosecondsPerSecond - (time % kNanosecondsPerSecond < 0 ? 1 : 0);
}

Timestamp distance(Timestamp a, Timestamp b) { return a < b ? b - a : a - b; }

struct Abbreviation {
  std::string_view name;
  int offset_minutes;
};

/// Abbreviations that nearly everybody reads the same way. IST, BST, CST (of China) and others are more than one zone
/// each: the first three here are those of the zones with most machines in them.
constexpr std::array kAbbreviations = {
    Abbreviation{"UTC", 0},    Abbreviation{"GMT", 0},    Abbreviation{"Z", 0},       Abbreviation{"UT", 0},
    Abbreviation{"WET", 0},    Abbreviation{"WEST", 60},  Abbreviation{"CET", 60},    Abbreviation{"CEST", 120},
    Abbreviation{"EET", 120},  Abbreviation{"EEST", 180}, Abbreviation{"MSK", 180},   Abbreviation{"BST", 60},
    Abbreviation{"IST", 330},  Abbreviation{"JST", 540},  Abbreviation{"KST", 540},   Abbreviation{"HKT", 480},
    Abbreviation{"SGT", 480},  Abbreviation{"AEST", 600}, Abbreviation{"AEDT", 660},  Abbreviation{"AWST", 480},
    Abbreviation{"NZST", 720}, Abbreviation{"NZDT", 780}, Abbreviation{"EST", -300},  Abbreviation{"EDT", -240},
    Abbreviation{"CST", -360}, Abbreviation{"CDT", -300}, Abbreviation{"MST", -420},  Abbreviation{"MDT", -360},
    Abbreviation{"PST", -480}, Abbreviation{"PDT", -420}, Abbreviation{"SAST", 120},  Abbreviation{"HST", -600},
    Abbreviation{"MEZ", 60},   Abbreviation{"MESZ", 120}, Abbreviation{"AST", -240},  Abbreviation{"ADT", -180},
    Abbreviation{"NST", -210}, Abbreviation{"NDT", -150}, Abbreviation{"AKST", -540}, Abbreviation{"AKDT", -480},
    Abbreviation{"BRT", -180}, Abbreviation{"ACST", 570}, Abbreviation{"ACDT", 630},  Abbreviation{"TRT", 180},
    Abbreviation{"PKT", 300},  Abbreviation{"ICT", 420},  Abbreviation{"WIB", 420},   Abbreviation{"PHT", 480},
};

}  // namespace

Result<TimeZone> TimeZone::load(std::string_view name) {
  if (name.empty()) return local();
  if (name == "UTC" || name == "GMT") return TimeZone();
  const auto none = [&] {
    return fail(ErrorCode::not_found,
                "there is no time zone \"" + std::string(name.substr(0, kMaxZoneNameBytes)) +
                    "\": names are those of the time zone database (package tzdata), e.g. Europe/Berlin or UTC");
  };
  if (is_name(name)) {
    const std::string path = folder() + "/" + std::string(name);
    if (const auto bytes = read_file(path)) {
      if (auto rules = read_tzif<Rules>(*bytes)) return TimeZone(std::make_shared<const Rules>(std::move(*rules)));
      if (bytes->starts_with("TZif")) return fail(ErrorCode::corrupt, "not a time zone file that can be read", path);
    }
  }
  auto rule = detail::PosixZone::parse(name);
  if (!rule) return none();
  Rules rules;
  rules.kinds.push_back({rule->standard().offset_s, false, rule->standard().abbreviation});
  rules.after = std::move(rule);
  return TimeZone(std::make_shared<const Rules>(std::move(rules)));
}

TimeZone TimeZone::local() {
  const char* set = std::getenv("TZ");  // NOLINT(concurrency-mt-unsafe): nothing of ours sets it
  if (set == nullptr) {
    const auto bytes = read_file("/etc/localtime");
    auto rules = bytes ? read_tzif<Rules>(*bytes) : std::nullopt;
    return rules ? TimeZone(std::make_shared<const Rules>(std::move(*rules))) : TimeZone();
  }
  std::string_view name = set;
  if (name.starts_with(':')) name.remove_prefix(1);
  if (name.starts_with('/')) {
    const auto bytes = read_file(std::string(name));
    auto rules = bytes ? read_tzif<Rules>(*bytes) : std::nullopt;
    return rules ? TimeZone(std::make_shared<const Rules>(std::move(*rules))) : TimeZone();
  }
  if (name.empty()) return {};
  const auto zone = load(name);
  return zone ? *zone : TimeZone();
}

TimeZone::Offset TimeZone::at_second(std::int64_t second) const {
  if (!rules_) return {};
  const auto offset = [](const Rules::Kind& kind) {
    return Offset{kind.offset_s, kind.is_daylight_saving, kind.abbreviation};
  };
  if (rules_->after && (rules_->changes.empty() || second >= rules_->changes.back())) {
    const auto* daylight = rules_->after->is_daylight(second) ? rules_->after->daylight() : nullptr;
    const auto& kind = daylight != nullptr ? *daylight : rules_->after->standard();
    return {kind.offset_s, daylight != nullptr, kind.abbreviation};
  }
  const auto next = std::upper_bound(rules_->changes.begin(), rules_->changes.end(), second);
  if (next == rules_->changes.begin()) return offset(rules_->kinds.front());
  return offset(rules_->kinds[rules_->kinds_then[static_cast<std::size_t>(next - rules_->changes.begin()) - 1]]);
}

TimeZone::Offset TimeZone::at(Timestamp time) const { return at_second(floor_second(time)); }

std::optional<Timestamp> TimeZone::to_instant(const CivilTime& civil, Timestamp near) const {
  const std::int64_t wall =
      ((days_from_civil(civil.year, civil.month, civil.day) * 24 + civil.hour) * 60 + civil.minute) * 60 + civil.second;
  const auto instant = [&](std::int64_t second) -> std::optional<Timestamp> {
    // Towards zero first: for the lowest time, the product of the whole seconds would not fit.
    std::int64_t nanosecond = civil.nanosecond;
    if (second < 0 && nanosecond > 0) {
      ++second;
      nanosecond -= kNanosecondsPerSecond;
    }
    Timestamp time = 0;
    if (__builtin_mul_overflow(second, kNanosecondsPerSecond, &time) ||
        __builtin_add_overflow(time, nanosecond, &time)) {
      return std::nullopt;
    }
    return time;
  };
  if (!rules_) return instant(wall);
  // Zones differ from UTC by less than a day, and change more seldom than every other.
  const std::int64_t before = wall - at_second(wall - kDaySeconds).seconds;
  const std::int64_t after = wall - at_second(wall + kDaySeconds).seconds;
  if (before == after) return instant(before);
  const bool has_before = at_second(before).seconds == wall - before;
  const bool has_after = at_second(after).seconds == wall - after;
  if (has_before != has_after) return instant(has_before ? before : after);
  const auto first = instant(before);
  const auto second = instant(after);
  if (!first || !second) return first ? first : second;
  return distance(*first, near) <= distance(*second, near) ? first : second;
}

CivilTime TimeZone::to_civil(Timestamp time) const {
  const std::int64_t offset = at(time).seconds * kNanosecondsPerSecond;
  Timestamp shifted = 0;
  if (__builtin_add_overflow(time, offset, &shifted)) shifted = time;  // A day at either end of time.
  return towl::to_civil(shifted);
}

std::optional<std::int32_t> TimeZone::offset_of(std::string_view abbreviation, Timestamp near) const {
  // Looks at the half-years around it: both of a zone's names apply there.
  constexpr std::int64_t kHalfYear = 182 * kDaySeconds;
  const std::int64_t second = floor_second(near);
  for (const std::int64_t at : {second, second - kHalfYear, second + kHalfYear}) {
    if (const Offset offset = at_second(at); offset.abbreviation == abbreviation) return offset.seconds;
  }
  for (const Abbreviation& known : kAbbreviations) {
    if (known.name == abbreviation) return known.offset_minutes * 60;
  }
  return std::nullopt;
}

}  // namespace towl

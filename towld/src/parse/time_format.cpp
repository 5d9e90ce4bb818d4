#include "parse/time_format.hpp"

#include <absl/time/civil_time.h>
#include <absl/time/clock.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "towl/record/event_time.hpp"

namespace towld {
namespace {

tl::unexpected<towl::Error> wrong(std::string message, const std::string& place) {
  return towl::fail(towl::ErrorCode::invalid_argument, std::move(message), place);
}

/// Texts may begin with what encloses or indents a time.
constexpr const char* kOpening = R"(^[\s\[("]*)";

/// One conversion of strptime: what it looks like, and how absl says it.
struct Conversion {
  char letter;
  const char* regex;
  const char* absl;
};

constexpr std::array<Conversion, 20> kConversions = {{
    {'Y', "[0-9]{4}", "%Y"},      {'y', "[0-9]{2}", "%y"},      {'m', "[0-9]{1,2}", "%m"},
    {'d', "[0-9]{1,2}", "%d"},    {'e', " ?[0-9]{1,2}", "%e"},  {'b', "[A-Za-z]{3,9}", "%b"},
    {'h', "[A-Za-z]{3,9}", "%b"}, {'B', "[A-Za-z]{3,9}", "%B"}, {'a', "[A-Za-z]{3,9}", "%a"},
    {'A', "[A-Za-z]{3,9}", "%A"}, {'H', "[0-9]{1,2}", "%H"},    {'I', "[0-9]{1,2}", "%I"},
    {'M', "[0-9]{2}", "%M"},      {'S', "[0-9]{2}", "%S"},      {'f', "[0-9]+", "%E*f"},
    {'L', "[0-9]+", "%E*f"},      {'p', "[AaPp][Mm]", "%p"},    {'z', "(?:Z|z|[+-][0-9]{2}(?::?[0-9]{2})?)", "%Ez"},
    {'Z', "(?:UTC|GMT)", "%Z"},   {'s', "[0-9]{1,11}", "%s"},
}};

std::string replace_all(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// The format with conversions that stand for several spelled out.
std::string spelled_out(std::string format) {
  constexpr std::string_view kPercent = "\x01";  // what no format has, in place of a literal %
  format = replace_all(std::move(format), "%%", kPercent);
  format = replace_all(std::move(format), "%F", "%Y-%m-%d");
  format = replace_all(std::move(format), "%T", "%H:%M:%S");
  format = replace_all(std::move(format), "%D", "%m/%d/%y");
  format = replace_all(std::move(format), "%R", "%H:%M");
  return replace_all(std::move(format), kPercent, "%%");
}

struct Translated {
  std::string regex = {};
  std::string absl = {};
  std::string letters = {};
};

towl::Result<Translated> translate(const std::string& format, const std::string& place) {
  Translated made;
  for (std::size_t i = 0; i < format.size(); ++i) {
    const char c = format[i];
    if (c == ' ' || c == '\t') {
      made.regex += R"(\s+)";
      made.absl += ' ';
      continue;
    }
    if (c != '%') {
      made.regex += RE2::QuoteMeta(std::string(1, c));
      made.absl += c;
      continue;
    }
    if (++i == format.size()) return wrong("the format ends with a single %", place);
    if (format[i] == '%') {
      made.regex += '%';
      made.absl += "%%";
      continue;
    }
    const auto known = std::find_if(kConversions.begin(), kConversions.end(),
                                    [&](const Conversion& conversion) { return conversion.letter == format[i]; });
    if (known == kConversions.end()) {
      return wrong("the format has %" + std::string(1, format[i]) + ", which is not known", place);
    }
    made.regex += known->regex;
    made.absl += known->absl;
    made.letters += known->letter;
  }
  return made;
}

std::optional<towl::Timestamp> nanoseconds(absl::Time time) {
  constexpr std::int64_t kMaxSeconds = INT64_MAX / towl::kNanosecondsPerSecond - 1;
  const std::int64_t seconds = absl::ToUnixSeconds(time);
  if (seconds > kMaxSeconds || seconds < -kMaxSeconds) return std::nullopt;
  return absl::ToUnixNanos(time);
}

}  // namespace

towl::Result<TimeFormat> TimeFormat::compile(const std::string& format, const std::string& zone,
                                             const std::string& place) {
  absl::TimeZone time_zone = absl::LocalTimeZone();
  if (!zone.empty() && !absl::LoadTimeZone(zone, &time_zone)) {
    return wrong("there is no time zone \"" + zone + "\"; examples are UTC and Europe/Berlin", place);
  }
  const auto make = [&](Kind kind, const std::string& regex) -> towl::Result<TimeFormat> {
    auto pattern = Pattern::compile(kOpening + ("(" + regex + ")"), place);
    if (!pattern) return towl::fail(std::move(pattern.error()));
    return TimeFormat(kind, std::move(*pattern), time_zone);
  };
  if (format == "rfc3339") {
    auto iso_zone = towl::TimeZone::load(zone);
    if (!iso_zone) return wrong(iso_zone.error().message, place);
    auto made = make(Kind::rfc3339, "");
    if (made) made->iso_zone_ = std::move(*iso_zone);
    return made;
  }
  constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits = {
      {{"unix", towl::kNanosecondsPerSecond}, {"unix_ms", 1'000'000}, {"unix_us", 1000}, {"unix_ns", 1}}};
  for (const auto& [name, unit_ns] : kUnits) {
    if (name != format) continue;
    auto made = make(Kind::number, R"([0-9]+(?:\.[0-9]+)?)");
    if (made) made->unit_ns_ = unit_ns;
    return made;
  }
  if (format.find('%') == std::string::npos) {
    return wrong("the format \"" + format + "\" is neither rfc3339, unix, unix_ms, unix_us, unix_ns nor like %Y-%m-%d",
                 place);
  }
  const auto translated = translate(spelled_out(format), place);
  if (!translated) return towl::fail(translated.error());
  auto made = make(Kind::strptime, translated->regex);
  if (!made) return made;
  made->format_ = translated->absl;
  const auto has = [&](std::string_view any) { return translated->letters.find_first_of(any) != std::string::npos; };
  if (has("s")) return made;
  if (!has("HI")) return wrong("the format has no hour: %H, or %I and %p", place);
  if (!has("de")) {
    made->lacks_ = Lacks::date;
  } else if (!has("Yy")) {
    made->lacks_ = Lacks::year;
  }
  if (has("Z")) made->zone_ = absl::UTCTimeZone();
  return made;
}

std::optional<towl::Timestamp> TimeFormat::parse(std::string_view text, towl::Timestamp near) const {
  if (kind_ == Kind::rfc3339) return parse_rfc3339(text, near);
  std::array<re2::StringPiece, 2> groups;
  if (!pattern_.match(text, groups)) return std::nullopt;
  const std::string_view time(groups[1].data(), groups[1].size());
  return kind_ == Kind::number ? towl::read_decimal_time(time, unit_ns_) : parse_strptime(time, near);
}

std::optional<towl::Timestamp> TimeFormat::parse_rfc3339(std::string_view text, towl::Timestamp near) const {
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n[(\""), text.size()));
  return towl::take_iso_time(text, iso_zone_, near);
}

std::optional<absl::Time> TimeFormat::parse_absl(std::string_view text, const std::string& date) const {
  absl::Time time;
  std::string error;
  if (date.empty()) {
    if (!absl::ParseTime(format_, absl::string_view(text.data(), text.size()), zone_, &time, &error))
      return std::nullopt;
    return time;
  }
  const std::string format = (lacks_ == Lacks::year ? "%Y " : "%Y-%m-%d ") + format_;
  if (!absl::ParseTime(format, date + " " + std::string(text), zone_, &time, &error)) return std::nullopt;
  return time;
}

std::optional<towl::Timestamp> TimeFormat::parse_strptime(std::string_view text, towl::Timestamp near) const {
  if (lacks_ == Lacks::nothing) {
    const auto time = parse_absl(text, "");
    return time ? nanoseconds(*time) : std::nullopt;
  }
  // The latest that is not in the future, save for clocks that differ a little.
  const absl::Time now = absl::FromUnixNanos(near);
  const absl::CivilDay today = absl::ToCivilDay(now, zone_);
  for (const int shift : {1, 0, -1}) {
    const absl::Time latest = now + (lacks_ == Lacks::year ? absl::Hours(24) : absl::Hours(1));
    const std::string date =
        lacks_ == Lacks::year ? std::to_string(today.year() + shift) : absl::FormatCivilTime(today + shift);
    const auto time = parse_absl(text, date);
    if (time && *time <= latest) return nanoseconds(*time);
  }
  return std::nullopt;
}

}  // namespace towld

#include "parse/civil_zone.hpp"

#include <absl/time/civil_time.h>

namespace towld {
namespace {

towl::Timestamp distance(towl::Timestamp a, towl::Timestamp b) { return a < b ? b - a : a - b; }

}  // namespace

towl::Result<CivilZone> CivilZone::load(const std::string& name) {
  if (name.empty()) return CivilZone(absl::LocalTimeZone());
  absl::TimeZone zone;
  if (absl::LoadTimeZone(name, &zone)) return CivilZone(zone);
  return towl::fail(towl::ErrorCode::not_found,
                    "there is no time zone \"" + name +
                        "\": names are those of the time zone database (package tzdata), e.g. Europe/Berlin or UTC");
}

towl::Timestamp CivilZone::to_instant(const towl::CivilTime& civil, towl::Timestamp near) const {
  const std::int64_t fraction = civil.nanosecond;
  if (is_utc_) {
    const std::int64_t days = towl::days_from_civil(civil.year, civil.month, civil.day);
    const std::int64_t seconds = ((days * 24 + civil.hour) * 60 + civil.minute) * 60 + civil.second;
    return seconds * towl::kNanosecondsPerSecond + fraction;
  }
  const absl::CivilSecond second(civil.year, civil.month, civil.day, civil.hour, civil.minute, civil.second);
  const auto info = zone_.At(second);
  const auto instant = [&](absl::Time time) { return absl::ToUnixSeconds(time) * towl::kNanosecondsPerSecond; };
  const towl::Timestamp before = instant(info.pre) + fraction;
  if (info.kind == absl::TimeZone::TimeInfo::UNIQUE) return before;
  const towl::Timestamp after = instant(info.post) + fraction;
  return distance(before, near) <= distance(after, near) ? before : after;
}

}  // namespace towld

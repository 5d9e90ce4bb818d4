#include "parse/time_format.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "towl/record/event_time.hpp"

namespace towld {
namespace {

/// What may be before a time.
constexpr std::string_view kOpening = " \t\r\n[(\"";

constexpr std::array<std::pair<std::string_view, std::int64_t>, 4> kUnits = {
    {{"unix", towl::kNanosecondsPerSecond}, {"unix_ms", 1'000'000}, {"unix_us", 1000}, {"unix_ns", 1}}};

/// The number that `text` begins with: digits, and perhaps a fraction.
std::string_view number_in(std::string_view text) {
  const auto digits_from = [&](std::size_t at) {
    return std::min(text.find_first_not_of("0123456789", at), text.size());
  };
  std::size_t end = digits_from(0);
  if (end > 0 && end < text.size() && text[end] == '.' && digits_from(end + 1) > end + 1) end = digits_from(end + 1);
  return text.substr(0, end);
}

}  // namespace

towl::Result<TimeFormat> TimeFormat::compile(const std::string& format, const std::string& zone,
                                             const std::string& place) {
  const auto wrong = [&](std::string message) {
    return towl::fail(towl::ErrorCode::invalid_argument, std::move(message), place);
  };
  auto loaded = towl::TimeZone::load(zone);
  if (!loaded) return wrong(loaded.error().message);
  TimeFormat made(*loaded);
  if (format == "rfc3339") return made;
  for (const auto& [name, unit_ns] : kUnits) {
    if (name != format) continue;
    made.unit_ns_ = unit_ns;
    return made;
  }
  if (format.find('%') == std::string::npos) {
    return wrong("the format \"" + format + "\" is neither rfc3339, unix, unix_ms, unix_us, unix_ns nor like %Y-%m-%d");
  }
  auto pattern = towl::TimePattern::compile(format, std::move(*loaded));
  if (!pattern) return wrong(pattern.error().message);
  made.pattern_ = std::move(*pattern);
  return made;
}

std::optional<towl::Timestamp> TimeFormat::parse(std::string_view text, towl::Timestamp near) const {
  const auto begin = std::min(text.find_first_not_of(kOpening), text.size());
  if (pattern_) {
    // The format may itself begin with what opens a time.
    for (std::size_t at = 0; at <= begin; ++at) {
      if (const auto time = pattern_->read(text.substr(at), near)) return time;
    }
    return std::nullopt;
  }
  text.remove_prefix(begin);
  if (unit_ns_ > 0) return towl::read_decimal_time(number_in(text), unit_ns_);
  return towl::take_iso_time(text, zone_, near);
}

}  // namespace towld

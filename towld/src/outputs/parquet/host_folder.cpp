#include "outputs/parquet/host_folder.hpp"

#include "limits/limits.hpp"
#include "tables/folder_name.hpp"

namespace towld {
namespace {

/// "2026-01-17T14:30:00Z" of the minute, whose parts have fixed places. There are no times before the year 0 or after
/// 9999: int64 nanoseconds reach from 1677 to 2262.
std::string minute_text(std::int64_t minute) {
  constexpr std::int64_t kMinute = 60 * towl::kNanosecondsPerSecond;
  // The first minute begins before the earliest time.
  const bool is_first = minute < minute_of(INT64_MIN) + 1;
  return std::string(towl::format_rfc3339(is_first ? INT64_MIN : minute * kMinute).view());
}

}  // namespace

std::string host_folder(std::string_view sender) { return towl::folder_name(sender, kParquetHostBytes); }

std::string day_folder(std::int64_t minute) {
  const std::string text = minute_text(minute);
  return text.substr(0, 4) + "/" + text.substr(5, 2) + "/" + text.substr(8, 2);
}

std::string minute_key(std::int64_t minute) {
  const std::string text = minute_text(minute);
  return text.substr(0, 4) + text.substr(5, 2) + text.substr(8, 2) + "-" + text.substr(11, 2) + text.substr(14, 2);
}

}  // namespace towld

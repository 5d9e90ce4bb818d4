// How senders, minutes and days are named in the folders of an output of type parquet:
//
//     HOST/YYYY/MM/DD/YYYYMMDD-HHmm.parquet        all of it in UTC
//
// HOST comes from clients: it never leads out of the path, and has kParquetHostBytes at most.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "towl/time.hpp"

namespace towld {

/// The minute that a time is in, counted from 1970.
constexpr std::int64_t minute_of(towl::Timestamp time) {
  constexpr std::int64_t kMinute = 60 * towl::kNanosecondsPerSecond;
  return time / kMinute - (time % kMinute < 0 ? 1 : 0);
}

/// A sender's folder: towl::folder_name().
std::string host_folder(std::string_view sender);

/// "YYYY/MM/DD".
std::string day_folder(std::int64_t minute);

/// "YYYYMMDD-HHmm".
std::string minute_key(std::int64_t minute);

/// For hosts beyond kParquetDayHosts.
inline constexpr std::string_view kOtherHosts = "+other";

}  // namespace towld

// parse_log_time reads the times that programs put into their logs' JSON.
//
// Any thread.
#pragma once

#include <optional>
#include <string_view>

#include "towl/time.hpp"

namespace towld {

/// RFC 3339, or a decimal number since the epoch, whose size tells its unit: below 10^11 seconds, below 10^14
/// milliseconds, below 10^17 microseconds, else nanoseconds. A fraction is kept to the nanosecond. nullopt for anything
/// else, for times before 1970 and those that int64 nanoseconds cannot hold.
std::optional<towl::Timestamp> parse_log_time(std::string_view text);

}  // namespace towld

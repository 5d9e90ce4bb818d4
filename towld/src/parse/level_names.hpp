// The names and numbers that programs give to an entry's level, as syslog's severities.
//
// Any thread.
#pragma once

#include <optional>
#include <string_view>

namespace towld {

/// 0 emergency … 7 debug. Names in either case: syslog's ("err", "warning"), those of loggers ("ERROR", "warn",
/// "fatal", "trace") and their first letters ("E"); "0" to "7"; the numbers of bunyan and pino ("10" trace to "60"
/// fatal).
std::optional<int> parse_level_name(std::string_view text);

}  // namespace towld

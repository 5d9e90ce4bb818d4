// Times as journalctl writes them, in the zone of the process or in UTC.
#pragma once

#include <string>

#include "towl/time.hpp"

namespace towlctl {

/// "Jan 17 14:30:00"
std::string format_short(towl::Timestamp time, bool utc);
/// "Jan 17 14:30:00.123456"
std::string format_short_precise(towl::Timestamp time, bool utc);
/// "2026-01-17T14:30:00+0100"
std::string format_short_iso(towl::Timestamp time, bool utc);
/// "Sat 2026-01-17 14:30:00.123456 CET"
std::string format_verbose(towl::Timestamp time, bool utc);

}  // namespace towlctl

// The messages of one syslog connection. Framing: framer.hpp. There are no answers.
#pragma once

#include <cstddef>

#include "inputs/stream/stream_session.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

/// Makes sessions. `zone`: of times that have none. Messages longer than `message_bytes` are cut.
MakeSession syslog_sessions(const towl::TimeZone& zone, std::size_t message_bytes);

}  // namespace towld

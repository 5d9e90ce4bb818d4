// RELP, rsyslog's reliable protocol for syslog messages (https://www.rsyslog.com/doc/relp.html), as omrelp speaks it:
//
//     1 open N relp_version=0 …     →  1 rsp N 200 OK, and what is offered
//     2 syslog N <34>1 …            →  2 rsp 6 200 OK
//     3 close 0                     →  3 rsp 0; 0 serverclose 0
//
// A message is answered once it is stored with the configured durability. A client sends again what was not answered:
// entries may be there twice then. What becomes of messages: parse/syslog_message.hpp.
//
// Not librelp: it acknowledges a message when its callback returns, which would then have to wait for the sync of each
// message alone.
#pragma once

#include <cstddef>

#include "inputs/stream/stream_session.hpp"
#include "towl/record/time_zone.hpp"

namespace towld {

/// `zone`: of times that have none. Messages longer than `message_bytes` are cut.
MakeSession relp_sessions(const towl::TimeZone& zone, std::size_t message_bytes);

}  // namespace towld

// SyslogLimits bounds what connections may cost.
#pragma once

#include <chrono>
#include <cstddef>

namespace towld {

struct SyslogLimits {
  /// Longer messages are cut. 0: the limit of an entry.
  std::size_t message_bytes = 0;
  /// All unfinished messages of a listener together; beyond it, the connection that holds most is closed.
  std::size_t held_bytes = std::size_t{32} << 20;
  /// A connection that never sent a whole message is closed after this long; such a client is none.
  std::chrono::seconds first_message = std::chrono::minutes(10);
  /// A message that is not whole so long after its first byte ends its connection, and is stored as it is.
  std::chrono::seconds unfinished = std::chrono::minutes(5);
  /// Syslog clients do not notice that a connection is gone and lose what they send next, so good ones are left alone
  /// for long. A client that vanished is found by keep-alive within minutes.
  std::chrono::seconds idle = std::chrono::hours(24);
  /// Where there are too many connections, the one that was idle for longest makes room, if it was so for this long.
  std::chrono::seconds replaceable = std::chrono::seconds(60);
};

}  // namespace towld

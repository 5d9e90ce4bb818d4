// What one HTTP client, and all together, may cost; each limit with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace towld {

struct HttpLimits {
  /// Request line and headers: what other servers take.
  std::size_t header_bytes = std::size_t{8} << 10;
  /// As stored: a batch of some ten thousand entries, and four times the largest one.
  std::size_t body_bytes = std::size_t{4} << 20;
  /// The same decompressed: logs compress to a tenth, and a bomb must not grow memory.
  std::size_t decompressed_bytes = std::size_t{16} << 20;
  /// The bodies of all connections together that are not answered yet; above it, 503. Small ones are not counted: a few
  /// clients with large bodies must not keep all others out.
  std::size_t all_bodies_bytes = std::size_t{64} << 20;
  std::size_t small_body_bytes = std::size_t{4} << 10;
  std::size_t connections = 4096;
  /// A request's header must be there so long after its first byte: an attack is to send one byte every few seconds.
  std::chrono::milliseconds header_time{10'000};
  /// A body must bring `progress_bytes` more, or its end, in this time.
  std::chrono::milliseconds body_time{10'000};
  std::size_t progress_bytes = std::size_t{32} << 10;
  /// Between requests.
  std::chrono::milliseconds idle_time{60'000};
  /// A request waits for room in the queue no longer: its client is better told to come again.
  std::chrono::milliseconds room_time{10'000};
  /// So much more of an answer, or its end, must be taken in this time.
  std::chrono::milliseconds write_time{30'000};
  /// After an answer that closes, so long and so much is still read and dropped: closing at once would reset the
  /// connection, and the client might not see the answer.
  std::chrono::milliseconds linger_time{2'000};
  std::size_t linger_bytes = std::size_t{1} << 20;
};

}  // namespace towld

// InputCounters counts what became of one input's entries: received = stored + rejected + dropped + those queued now.
//
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace towld {

struct InputCounters {
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> stored = 0;
  std::atomic<std::uint64_t> rejected = 0;  ///< Refused; their senders were told, if the protocol can.
  std::atomic<std::uint64_t> dropped = 0;   ///< Filtered by a parser, or lost: see the reasons below.
  std::atomic<std::uint64_t> bytes = 0;     ///< Read from the source.
  // Reasons; parts of the above.
  std::atomic<std::uint64_t> filtered = 0;     ///< Dropped because a parser was told to.
  std::atomic<std::uint64_t> below_level = 0;  ///< Rejected by min_level.
  std::atomic<std::uint64_t> overflowed = 0;   ///< Dropped: the queue or the disk was full and the source cannot wait.
  std::atomic<std::uint64_t> lost_in_source = 0;  ///< Known to have vanished before it was read (not in `received`).
  std::atomic<std::uint64_t> lost_bytes_in_source = 0;  ///< The same in bytes; a file's entries are estimated from it.
  // Stored, but worth a look.
  std::atomic<std::uint64_t> parse_failures = 0;  ///< Stored as they came.
  std::atomic<std::uint64_t> time_failures = 0;   ///< They say when they happened, and that cannot be read.
  std::atomic<std::uint64_t> cut = 0;             ///< Longer than the limit.
  std::atomic<std::uint64_t> unlabelled = 0;      ///< Of a pod whose labels were not known in time.
};

}  // namespace towld

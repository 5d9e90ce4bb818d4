// Counters of what happened to entries. received = stored + rejected + dropped + what is queued now.
//
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>

namespace towld {

struct IngestCounters {
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> stored = 0;
  std::atomic<std::uint64_t> rejected = 0;  ///< Their producers were told.
  std::atomic<std::uint64_t> dropped = 0;   ///< Lost without telling anyone. No input of today does that.
  std::atomic<std::uint64_t> bytes_stored = 0;
  std::atomic<std::uint64_t> syncs = 0;
  std::atomic<std::uint64_t> sync_time_ns = 0;
};

}  // namespace towld

// Counters of what happened to entries. received = stored + rejected + dropped + what is queued now.
//
// Any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace towld {

/// Syncs are counted by how long they took: up to each of these, and longer. A good disk takes a millisecond, one that
/// spins ten; a tenth of a second means that something is wrong.
inline constexpr std::array<std::uint64_t, 10> kSyncTimesNs = {500'000,     1'000'000,    2'500'000,  5'000'000,
                                                               10'000'000,  25'000'000,   50'000'000, 100'000'000,
                                                               250'000'000, 1'000'000'000};

struct IngestCounters {
  std::atomic<std::uint64_t> received = 0;
  std::atomic<std::uint64_t> stored = 0;
  std::atomic<std::uint64_t> rejected = 0;  ///< Their producers were told.
  std::atomic<std::uint64_t> dropped = 0;   ///< Lost without telling anyone. No input does that today.
  std::atomic<std::uint64_t> bytes_stored = 0;
  std::atomic<std::uint64_t> syncs = 0;
  std::atomic<std::uint64_t> sync_time_ns = 0;
  std::array<std::atomic<std::uint64_t>, kSyncTimesNs.size() + 1> syncs_by_time = {};
  /// When a batch last could not be stored for lack of room or a working disk; 0 once one was stored again.
  std::atomic<std::int64_t> last_failure_ns = 0;

  void count_sync(std::uint64_t took_ns) {
    ++syncs;
    sync_time_ns += took_ns;
    const auto bucket = std::lower_bound(kSyncTimesNs.begin(), kSyncTimesNs.end(), took_ns) - kSyncTimesNs.begin();
    ++syncs_by_time[static_cast<std::size_t>(bucket)];
  }
};

}  // namespace towld

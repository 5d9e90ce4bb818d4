// When an open file's time is over. Pure functions; the policy is in towl/store.hpp.
#pragma once

#include <cstdint>
#include <span>

#include "towl/store.hpp"

namespace towl::detail {

/// The number of the period that `time` is in: the same within a period, and growing with time.
std::int64_t period_number(Timestamp time, Period period);

/// Whether a file that began to take entries at `began` is to be closed at `time`. A clock that went back never
/// closes a file.
bool is_due(const PartitionPolicy& policy, Timestamp began, Timestamp time);

/// How many of a batch's entries a file with `count` entries and `bytes` bytes takes before it is full, given the
/// stored size of each. At least 0; the entry that crosses max_bytes is still taken.
template <class StoredBytes>
std::size_t room_for(const PartitionPolicy& policy, std::uint64_t count, std::uint64_t bytes, std::size_t entries,
                     StoredBytes stored_bytes) {
  if (policy.max_entries) {
    const std::uint64_t room = count < *policy.max_entries ? *policy.max_entries - count : 0;
    if (room < entries) entries = static_cast<std::size_t>(room);
  }
  if (!policy.max_bytes) return entries;
  for (std::size_t i = 0; i < entries; ++i) {
    if (bytes >= *policy.max_bytes) return i;
    bytes += stored_bytes(i);
  }
  return entries;
}

/// How many of `entries`, at least 1, make about a frame of an open file: 64 KiB.
std::size_t entries_of_a_frame(std::span<const EntryView> entries);

/// Whether a file of this size takes no more entries.
bool is_full(const PartitionPolicy& policy, std::uint64_t count, std::uint64_t bytes);

}  // namespace towl::detail

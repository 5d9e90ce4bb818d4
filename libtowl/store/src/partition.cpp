#include "partition.hpp"

namespace towl::detail {
namespace {

constexpr std::int64_t kNanosecondsPerMinute = 60 * kNanosecondsPerSecond;
constexpr std::int64_t kNanosecondsPerHour = 60 * kNanosecondsPerMinute;
constexpr std::int64_t kNanosecondsPerDay = 24 * kNanosecondsPerHour;

std::int64_t divide_down(std::int64_t value, std::int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

}  // namespace

std::int64_t period_number(Timestamp time, Period period) {
  switch (period) {
    case Period::minute:
      return divide_down(time, kNanosecondsPerMinute);
    case Period::hour:
      return divide_down(time, kNanosecondsPerHour);
    case Period::day:
      return divide_down(time, kNanosecondsPerDay);
    // 1970-01-01 was a Thursday: three days later in its week than Monday.
    case Period::week:
      return divide_down(divide_down(time, kNanosecondsPerDay) + 3, 7);
    case Period::month: {
      const CivilTime civil = to_civil(time);
      return static_cast<std::int64_t>(civil.year) * 12 + civil.month;
    }
  }
  return 0;
}

bool is_due(const PartitionPolicy& policy, Timestamp began, Timestamp time) {
  if (time <= began) return false;
  if (policy.max_age_ns && static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(began) >=
                               static_cast<std::uint64_t>(*policy.max_age_ns)) {
    return true;
  }
  return policy.period && period_number(time, *policy.period) > period_number(began, *policy.period);
}

std::size_t entries_of_a_frame(std::span<const EntryView> entries) {
  constexpr std::size_t kTextBytes = std::size_t{60} << 10;
  constexpr std::size_t kEntryBytes = 16;  // Around its texts, about.
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const EntryView& entry : entries) {
    bytes += entry.sender.size() + entry.log_entry.size() + kEntryBytes;
    if (count > 0 && bytes > kTextBytes) break;
    ++count;
  }
  return count;
}

bool is_full(const PartitionPolicy& policy, std::uint64_t count, std::uint64_t bytes) {
  return count > 0 &&
         ((policy.max_entries && count >= *policy.max_entries) || (policy.max_bytes && bytes >= *policy.max_bytes));
}

}  // namespace towl::detail

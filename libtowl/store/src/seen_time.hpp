// SeenTime is the time of day by the time that was seen to pass: it goes on with a clock that nobody can set, and is
// kept on disk for the next start. Files grow old by it, so that a clock that jumps a month ahead removes nothing.
//
// Doubt:  while the system's clock is more than a day off it, also at a start, the system's clock is not believed. It
//         is believed again once both have agreed for an hour, or when somebody says that it is right: a collector that
//         was off for a week sees the same. Until then files grow old by the time that passes, and no faster.
// Record: "SEEN sure|doubt CRC32C\n", written hourly and at the end. Without one the system's clock is believed.
// Pure; one thread at a time.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "towl/time.hpp"

namespace towl::detail {

class SeenTime {
 public:
  /// A clock that is off by less is good enough for ages of days; summer time and short stops are less.
  static constexpr std::int64_t kMaxGapNs = std::int64_t{24} * 3600 * kNanosecondsPerSecond;
  /// Both must agree for this long, so that a clock that is being set back and forth comes to rest first.
  static constexpr std::int64_t kAgreementNs = std::int64_t{3600} * kNanosecondsPerSecond;
  /// How often the record is written; time that is lost with it is seen to pass once more.
  static constexpr std::int64_t kRecordEveryNs = std::int64_t{3600} * kNanosecondsPerSecond;

  /// Goes on from `record`, if that is one. `wall`: the system's clock; `steady`: steady_now().
  SeenTime(std::string_view record, Timestamp wall, std::int64_t steady);

  /// Call it every few minutes at least.
  void look(Timestamp wall, std::int64_t steady);

  /// The time that ages of files are counted to: never later than either clock.
  Timestamp time() const;

  /// The closing time of a file that is closed now: in doubt the later one of both clocks. By a system's clock that was
  /// set back, the file would be as old as the one before it, and be removed with that.
  Timestamp closing_time() const { return in_doubt_ ? std::max(seen_, wall_) : wall_; }

  /// How far the system's clock is ahead (below 0: behind), while it is not believed.
  std::optional<std::int64_t> doubt() const;

  /// Somebody says that the system's clock is right.
  void confirm();

  /// What to keep, if it is time to.
  bool is_record_due() const { return !recorded_ || steady_ - *recorded_ >= kRecordEveryNs; }
  std::string record() const;
  void recorded() { recorded_ = steady_; }

 private:
  bool agrees() const;

  Timestamp seen_;
  Timestamp wall_;
  std::int64_t steady_;
  bool in_doubt_ = false;
  std::int64_t agreed_ns_ = 0;
  std::optional<std::int64_t> recorded_;
};

}  // namespace towl::detail

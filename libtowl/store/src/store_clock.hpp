// StoreClock is a store's SeenTime with its record on disk, `store.clock` in the store's folder.
//
// Best effort: on a disk that cannot be written the older record stays, and less time was seen to pass.
// Threads: its writer's.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "seen_time.hpp"
#include "towl/file_layer.hpp"

namespace towl::detail {

class StoreClock {
 public:
  StoreClock(std::filesystem::path folder, FileLayer& layer, std::function<Timestamp()> wall,
             std::function<std::int64_t()> steady)
      : folder_(std::move(folder)), layer_(layer), wall_(std::move(wall)), steady_(std::move(steady)) {}

  /// Call it now and then: it sees how time passes, and writes the record when that is due.
  void look();

  /// The time that ages of files are counted to; look() must have been called.
  Timestamp time() const { return seen_->time(); }

  /// The closing time of a file that is closed now.
  Timestamp closing_time();

  /// See SeenTime::doubt(); as of the last look().
  std::optional<std::int64_t> doubt() const { return seen_ ? seen_->doubt() : std::nullopt; }

  /// Somebody says that the system's clock is right.
  void confirm();

  /// Keeps what was seen, if anything was.
  void close();

 private:
  void see();
  void keep();

  const std::filesystem::path folder_;
  FileLayer& layer_;
  const std::function<Timestamp()> wall_;
  const std::function<std::int64_t()> steady_;
  std::optional<SeenTime> seen_;  // From the first look on.
};

}  // namespace towl::detail

// RunningParts keeps running inputs or outputs to what the configuration says.
//
// Threads: keep_to() and stop() one at a time; each() from any.
#pragma once

#include <algorithm>
#include <iterator>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "towl/result.hpp"

namespace towld {

template <class PartConfig, class Part>
class RunningParts {
 public:
  struct Running {
    PartConfig config;
    std::unique_ptr<Part> part;
  };

  /// Ends those that `wanted` no longer has, or has changed: `end(Running&)` for each. Then, for each that is wanted,
  /// `keep(Part&)` if it runs already, else `start(PartConfig)`, which gives a Result<std::unique_ptr<Part>>.
  /// Errors: the first that `keep` or `start` had; it does not keep the others from being started.
  template <class End, class Keep, class Start>
  towl::Result<void> keep_to(const std::vector<PartConfig>& wanted, const End& end, const Keep& keep,
                             const Start& start) {
    for (Running& running : take_unwanted(wanted)) end(running);
    towl::Result<void> result;
    for (const PartConfig& config : wanted) {
      towl::Result<void> done;
      // Only this thread changes the list: reading it needs no lock.
      const auto runs = std::find_if(running_.begin(), running_.end(),
                                     [&](const Running& running) { return running.config == config; });
      if (runs != running_.end()) {
        done = keep(*runs->part);
      } else if (auto started = start(config)) {
        std::lock_guard lock(mutex_);
        running_.push_back({config, std::move(*started)});
      } else {
        done = towl::fail(std::move(started.error()));
      }
      if (!done && result) result = std::move(done);
    }
    return result;
  }

  /// Stops all. each() no longer sees them.
  void stop() {
    std::vector<Running> running;
    {
      std::lock_guard lock(mutex_);
      running.swap(running_);
    }
    for (Running& one : running) one.part->stop();
  }

  /// Calls `see(config, part)` with each.
  template <class See>
  void each(const See& see) const {
    std::lock_guard lock(mutex_);
    for (const Running& running : running_) see(running.config, *running.part);
  }

 private:
  std::vector<Running> take_unwanted(const std::vector<PartConfig>& wanted) {
    std::lock_guard lock(mutex_);
    const auto is_wanted = [&](const Running& running) {
      return std::find(wanted.begin(), wanted.end(), running.config) != wanted.end();
    };
    const auto end = std::stable_partition(running_.begin(), running_.end(), is_wanted);
    std::vector<Running> unwanted(std::make_move_iterator(end), std::make_move_iterator(running_.end()));
    running_.erase(end, running_.end());
    return unwanted;
  }

  mutable std::mutex mutex_;
  std::vector<Running> running_;
};

}  // namespace towld

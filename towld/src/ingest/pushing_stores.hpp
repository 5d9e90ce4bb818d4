// PushingStores gives the stores that push here their places: each is remembered by a position in every file, and there
// are only so many places, of one token and in all. If there is no room, a newcomer takes the place of the one that was
// seen longest ago, if that is long ago: of its own token's, if those are too many.
//
// Seen: each push leaves its time in the store's position; a store that only asks, or is connected, is seen, too.
//       A store whose time is unknown counts as seen when the collector started.
// Any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "limits/configured.hpp"
#include "towl/source_position.hpp"

namespace towld {

/// UTC, since 1970.
using Seconds = std::chrono::seconds;

class PushingStores {
 public:
  explicit PushingStores(Seconds started) : started_(started) {}

  /// The store of `source`, which has a place, is there for as long as the caller holds what this returns.
  std::shared_ptr<const void> saw(const std::string& source, Seconds now);

  struct Place {
    bool is_there = true;
    std::optional<Limit> reached = {};                   ///< If there was no room, or room was made.
    std::optional<towl::SourcePosition> forgotten = {};  ///< Whose place it was: remove it from the positions.
  };

  /// A place for one more of `owner`'s stores. `positions`: all that are stored.
  Place place_for(const std::string& owner, std::span<const towl::SourcePosition> positions, Seconds now,
                  const Limits& limits);

 private:
  struct Seen {
    Seconds at = {};
    std::weak_ptr<const void> present;
  };

  const Seconds started_;
  std::mutex mutex_;
  std::map<std::string, Seen> seen_;  // of stores that have a place
};

}  // namespace towld

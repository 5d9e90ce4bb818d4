// StoreRange reads the entries of a store between two positions, over all its files.
//
// What cannot be read is passed over and counted: a file that retention removed, a damaged frame. Errors: io,
// permission_denied, to be tried again.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>

#include "outputs/store_follower.hpp"
#include "towl/store.hpp"

namespace towld {

class StoreRange {
 public:
  /// From `begin` (file 0: the first file there is) up to `end`, which does not belong to it.
  StoreRange(const towl::Store& store, const StorePosition& begin, const StorePosition& end, towl::Wanted wanted = {})
      : store_(store), at_(begin), end_(end), wanted_(wanted) {}

  /// The next entry, valid until the next call; nullopt at the end.
  towl::Result<std::optional<FollowedEntry>> next();

  std::uint64_t missed_files() const { return missed_files_; }
  std::uint64_t damaged_places() const { return damaged_places_; }

 private:
  towl::Result<bool> open_next();

  towl::Store store_;
  StorePosition at_;  ///< The file that is read, and where reading it begins.
  StorePosition end_;
  towl::Wanted wanted_;
  std::optional<towl::FileReader> reader_;
  std::uint64_t missed_files_ = 0;
  std::uint64_t damaged_places_ = 0;
};

}  // namespace towld

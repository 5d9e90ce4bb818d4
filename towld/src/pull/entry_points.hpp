// EntryPoints finds the byte at which an entry begins. Format 1 has no table of its entries, so they are walked once;
// every 64 KiB on the way a point is kept, and later questions begin at the point before their answer.
//
// The points are a hint in memory, rebuilt where they are missing: 16 bytes for 64 KiB of entries.
// Any thread; questions about the same file wait for one another.
#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "towl/file_layer.hpp"
#include "towl/file_reader.hpp"

namespace towld {

class EntryPoints {
 public:
  /// Keeps the points of the `max_files` files that were asked about last.
  explicit EntryPoints(std::size_t max_files = 64) : max_files_(max_files) {}

  /// Where entry `ordinal` of the file begins, which may be where the next one will be written. `file` must have at
  /// least `ordinal` entries that are durable. Errors: io; corrupt where it has not.
  towl::Result<towl::Position> find(towl::FileId file_id, towl::File& file, towl::Ordinal ordinal);

 private:
  struct Points {
    std::mutex mutex;
    std::vector<towl::Position> known;  // ascending
    towl::Position last = {};           // the furthest that was walked to
  };
  std::shared_ptr<Points> points_of(towl::FileId file_id);

  std::size_t max_files_;
  std::mutex mutex_;
  std::list<towl::FileId> recent_;  // last asked in front
  std::unordered_map<towl::FileId, std::shared_ptr<Points>> points_;
};

}  // namespace towld

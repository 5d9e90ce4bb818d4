// Batch is what an input hands to the writer: some entries and whom to tell what became of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "towl/entry.hpp"
#include "towl/result.hpp"
#include "towl/store.hpp"

namespace towld {

/// What is promised about a batch that was stored.
struct Acknowledgement {
  Durability durability = Durability::written;
  std::vector<towl::StoredRange> ranges = {};  ///< One a file; empty for a duplicate.
  bool duplicate = false;                      ///< It was stored before.
};

/// Batches that must be stored in order or not at all: once one has failed, none behind it is stored. Otherwise a
/// producer that sends the failed one again would find a later sequence stored, and its batch taken for a duplicate.
struct BatchStream {
  std::atomic<bool> failed = false;
};

struct Batch {
  std::string producer_id = {};  ///< With `sequence`, makes sending twice harmless. Empty: nothing does.
  std::uint64_t sequence = 0;
  Durability durability = Durability::synced;
  std::vector<towl::EntryView> entries = {};
  std::shared_ptr<const void> owner = {};  ///< Keeps alive what `entries` borrow.
  std::size_t bytes = 0;                   ///< What the batch counts for in the queue.
  std::shared_ptr<BatchStream> stream = {};
  /// Called once, on the writer's thread; must not block. Batches are answered in the order of their submission.
  std::function<void(const towl::Result<Acknowledgement>&)> done = {};
};

}  // namespace towld

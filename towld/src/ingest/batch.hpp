// Batch is what an input hands to the writer: some entries and whom to tell what became of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "ingest/input_counters.hpp"
#include "towl/entry.hpp"
#include "towl/result.hpp"
#include "towl/source_position.hpp"
#include "towl/store.hpp"

namespace towld {

/// What is promised about a batch that was stored.
struct Acknowledgement {
  Durability durability = Durability::written;
  /// Where they stay, one place a file: empty while a sync that fails may still move them, and for a duplicate.
  std::vector<towl::StoredRange> ranges = {};
  bool duplicate = false;  ///< It was stored before.
};

/// Batches that must be stored in order or not at all: once one has failed, none after it is stored. Otherwise a
/// producer that sends the failed one again would find a later sequence stored, and its batch taken for a duplicate.
struct BatchStream {
  std::atomic<bool> failed = false;
};

struct Batch {
  std::string producer_id = {};  ///< With `sequence`, makes sending twice harmless. Empty: nothing does.
  std::uint64_t sequence = 0;
  std::string producer_owner = {};  ///< The name of the token that `producer_id` came with; empty: none.
  Durability durability = Durability::synced;
  std::vector<towl::EntryView> entries = {};
  /// Entries that their source has lost, in a batch without entries: a gap is stored for them.
  std::uint64_t gap = 0;
  std::shared_ptr<const void> owner = {};  ///< Keeps alive what `entries` borrow.
  std::size_t bytes = 0;                   ///< What the batch counts for in the queue.
  std::shared_ptr<BatchStream> stream = {};
  /// Stored in the same frame as the entries, or not at all: how far the sources were read once these are stored.
  std::vector<towl::SourcePosition> positions = {};
  /// The batch is stored only if this is the source's position: if not, somebody else who sends the same was quicker.
  std::optional<towl::SourcePosition> expects = {};
  /// Counts what becomes of the entries, if the batch came from an input.
  std::shared_ptr<InputCounters> input = {};
  /// The source keeps the entries and reads them again if they could not be stored: they count as received only
  /// once they are stored.
  bool read_again = false;
  /// Called once, on the writer's thread; must not block. Batches are answered in the order of their submission.
  std::function<void(const towl::Result<Acknowledgement>&)> done = {};
};

}  // namespace towld

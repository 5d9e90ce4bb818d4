// Committer stores groups of batches: each is written, then one sync serves all that want it.
//
// Promises: P1 (a batch is acknowledged at the level it asked for, not before) and P2 (a failed sync is final: what
//           it left in doubt was written again elsewhere by StoreWriter, and is acknowledged where it is now). P9 (an
//           address that was given out stays: it is given with what is on stable storage alone).
// Threads:  one at a time: the writer's.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "ingest/batch.hpp"
#include "ingest/counters.hpp"
#include "ingest/producers.hpp"
#include "limits/configured.hpp"
#include "log/spdlog.hpp"
#include "towl/commit_group.hpp"
#include "towl/store.hpp"

namespace towld {

class Committer {
 public:
  /// `format`: of new files; if it is 1, what is known of producers is in memory alone.
  Committer(towl::StoreWriter writer, towl::FileFormat format, IngestCounters& counters,
            std::shared_ptr<spdlog::logger> log, const Limits& limits = {},
            std::shared_ptr<LimitCounts> reached = std::make_shared<LimitCounts>());

  /// Stores `batches`; returns an answer for each, in their order. With `sync`, all is synced even if no batch
  /// asks for it.
  std::vector<towl::Result<Acknowledgement>> commit(std::span<Batch> batches, bool sync);

  /// Syncs what was written; returns, and logs, where entries went that had to be moved.
  towl::Result<std::vector<towl::Move>> sync();

  /// There is something to sync.
  bool unsynced() const;

  /// Says whether a token of that name exists: one that does not owns nothing any more. Without it, all exist.
  void set_owner_check(std::function<bool(const std::string&)> exists) { owner_exists_ = std::move(exists); }
  bool has_owner(const std::string& owner) const { return !owner_exists_ || owner_exists_(owner); }

  towl::StoreWriter& writer() { return writer_; }
  const towl::StoreWriter& writer() const { return writer_; }

 private:
  towl::Result<Acknowledgement> store(Batch& batch);
  towl::Result<void> check_producer(const Batch& batch) const;
  towl::Result<std::vector<towl::StoredRange>> append(const Batch& batch);
  towl::Result<std::vector<towl::StoredRange>> append_numbered(const Batch& batch);
  std::string_view position(std::string_view source) const;
  void restore_producers();
  void take_back(Batch& batch);
  void refuse(Batch& batch);
  void settle(Batch& batch, towl::Result<Acknowledgement>& answer, std::span<const towl::Loss> losses,
              std::span<const towl::Move> moves, const towl::Result<void>& synced, bool is_durable);
  void tell_gap(const Batch& batch, std::span<const towl::StoredRange> ranges);
  void tell(std::span<const towl::Move> moves);

  towl::StoreWriter writer_;
  const towl::FileFormat format_;
  IngestCounters& counters_;
  std::shared_ptr<spdlog::logger> log_;
  Producers producers_;
  const std::uint64_t max_jump_;  // of a producer's sequence
  const std::shared_ptr<LimitCounts> reached_;
  std::function<bool(const std::string&)> owner_exists_;
  /// Positions for which there was no entry yet: they go with the next entries.
  std::vector<towl::SourcePosition> held_;
};

/// Counts a batch that is not stored.
void refuse(const Batch& batch, IngestCounters& counters);

/// Where the entries of `ranges` are after `moves`.
std::vector<towl::StoredRange> follow_moves(std::vector<towl::StoredRange> ranges, std::span<const towl::Move> moves);

}  // namespace towld

// CommitGroup is for a server that answers others for what it appends to a store: while it lives, appending alone does
// not yet acknowledge, and what a failed sync could not save is taken back. An application that appends its own entries
// needs none.
//
// Threads: those of its StoreWriter, one at a time.
#pragma once

#include <vector>

#include "towl/store.hpp"

namespace towl {

/// Entries that had been appended and were taken back: a sync failed, and so did writing them elsewhere.
struct Loss {
  StoredRange range;
  Error cause;
};

/// A group of appends that are acknowledged together. Otherwise entries would be there twice when a sync fails for good
/// and their producer, which was told so, sends them again.
class CommitGroup {
 public:
  /// Begins the group: it has all that is appended to `writer` from now on. `writer` must outlive it and stay where it
  /// is; one group at a time.
  explicit CommitGroup(StoreWriter& writer);
  /// Ends it: what was appended and not lost is acknowledged, and is left where it is from now on.
  ~CommitGroup();
  CommitGroup(const CommitGroup&) = delete;
  CommitGroup& operator=(const CommitGroup&) = delete;

  /// What was taken back since the group began, be it by append(), sync() or roll().
  const std::vector<Loss>& losses() const;

  /// Where entries went that append() or roll() had to move, as StoreWriter::sync() tells it, without a sync.
  std::vector<Move> take_moves();

 private:
  StoreWriter::Impl& impl_;
};

}  // namespace towl

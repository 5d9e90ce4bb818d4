// CommitGroup is for a server that acknowledges to others what it appends to a store. While it lives, appending alone
// does not acknowledge an entry, and what a failed sync could not save is taken back. An application that appends its
// own entries needs none.
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

/// A group of appends that are acknowledged together. Without it, entries would be stored twice when a sync fails for
/// good and their producer, which was told of the failure, sends them again.
class CommitGroup {
 public:
  /// Begins the group: it has all that is appended to `writer` from now on. `writer` must outlive it and must not be
  /// moved; one group at a time.
  explicit CommitGroup(StoreWriter& writer);
  /// Ends it: what was appended and not lost is acknowledged, and stays where it is from now on.
  ~CommitGroup();
  CommitGroup(const CommitGroup&) = delete;
  CommitGroup& operator=(const CommitGroup&) = delete;

  /// What append(), sync() or roll() took back since the group began.
  const std::vector<Loss>& losses() const;

  /// Where append() or roll() had to move entries. The same moves as StoreWriter::sync() returns, without a sync.
  std::vector<Move> take_moves();

 private:
  StoreWriter::Impl& impl_;
};

}  // namespace towl

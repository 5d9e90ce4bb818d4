// EntryTree is the Merkle tree hash (RFC 9162, 2.1.1) over a file's entries, from the first one on.
//
// A leaf is SHA-256(0, entry), an inner node SHA-256(1, left, right); an entry that is lost for good is a leaf without
// an entry. Only the roots of perfect subtrees are kept, one for each bit of count(): from these the tree can be gone
// on with, without the entries before. Text: spec/format-v2.md, "Signed heads".
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sha256.hpp"
#include "towl/entry.hpp"

namespace towl::detail::v2 {

class EntryTree {
 public:
  EntryTree() = default;

  /// The tree that peaks() of a tree of `count` entries tell. nullopt if these are not as many as it has.
  static std::optional<EntryTree> of(std::uint64_t count, std::span<const Sha256> peaks);

  void add(const EntryView& entry);
  /// `count` entries that are not there.
  void add_lost(std::uint64_t count);

  std::uint64_t count() const { return count_; }
  /// The roots of its perfect subtrees, the largest first: as many as count() has bits that are set.
  const std::vector<Sha256>& peaks() const { return peaks_; }
  Sha256 root() const;

 private:
  void add_perfect(unsigned level, const Sha256& root);

  std::uint64_t count_ = 0;
  std::vector<Sha256> peaks_;
};

}  // namespace towl::detail::v2

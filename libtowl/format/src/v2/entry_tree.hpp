// EntryTree is the Merkle tree hash (RFC 9162, 2.1.1) over a file's entries, from the first one on.
//
// A leaf is SHA-256(0, entry), an inner node SHA-256(1, left, right); an entry that is lost for good is a leaf without
// an entry. Only the roots of perfect subtrees are kept, one for each bit of count(): with these the tree can be
// continued without the earlier entries. Text: spec/format-v2.md, "Signed heads".
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

  /// The tree of `count` entries that has these peaks(). nullopt if their number is wrong for that count.
  static std::optional<EntryTree> of(std::uint64_t count, std::span<const Sha256> peaks);

  void add(const EntryView& entry);
  /// Adds `count` entries that are lost.
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

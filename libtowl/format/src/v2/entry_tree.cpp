#include "v2/entry_tree.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <string_view>

#include "bytes.hpp"

namespace towl::detail::v2 {
namespace {

constexpr std::string_view kLeaf("\0", 1);
constexpr std::string_view kNode("\1", 1);

std::string_view view(const Sha256& hash) { return {reinterpret_cast<const char*>(hash.data()), hash.size()}; }

Sha256 node(const Sha256& left, const Sha256& right) { return sha256({kNode, view(left), view(right)}); }

Sha256 leaf(const EntryView& entry) {
  std::array<char, 24> fixed;
  store_little_endian(fixed.data(), entry.received);
  store_little_endian(fixed.data() + 8, entry.time_offset);
  store_little_endian(fixed.data() + 16, static_cast<std::int32_t>(entry.log_format));
  store_little_endian(fixed.data() + 20, static_cast<std::uint32_t>(entry.sender.size()));
  return sha256({kLeaf, std::string_view(fixed.data(), fixed.size()), entry.sender, entry.log_entry});
}

}  // namespace

std::optional<EntryTree> EntryTree::of(std::uint64_t count, std::span<const Sha256> peaks) {
  if (peaks.size() != static_cast<std::size_t>(std::popcount(count))) return std::nullopt;
  EntryTree tree;
  tree.count_ = count;
  tree.peaks_.assign(peaks.begin(), peaks.end());
  return tree;
}

// A subtree of 2^level entries, if count() is a multiple of that: it joins those of its size, like a carry.
void EntryTree::add_perfect(unsigned level, const Sha256& root) {
  Sha256 joined = root;
  for (std::uint64_t size = std::uint64_t{1} << level; (count_ & size) != 0; size <<= 1) {
    joined = node(peaks_.back(), joined);
    peaks_.pop_back();
    count_ ^= size;
    ++level;
  }
  count_ |= std::uint64_t{1} << level;
  peaks_.push_back(joined);
}

void EntryTree::add(const EntryView& entry) { add_perfect(0, leaf(entry)); }

void EntryTree::add_lost(std::uint64_t count) {
  std::vector<Sha256> empty{sha256({kLeaf})};
  while (count > 0) {
    const auto most = static_cast<unsigned>(std::bit_width(count) - 1);
    const auto level = count_ == 0 ? most : std::min(most, static_cast<unsigned>(std::countr_zero(count_)));
    while (empty.size() <= level) empty.push_back(node(empty.back(), empty.back()));
    add_perfect(level, empty[level]);
    count -= std::uint64_t{1} << level;
  }
}

Sha256 EntryTree::root() const {
  if (peaks_.empty()) return sha256({});
  Sha256 root = peaks_.back();
  for (std::size_t i = peaks_.size() - 1; i-- > 0;) root = node(peaks_[i], root);
  return root;
}

}  // namespace towl::detail::v2

#include "v2/token_set.hpp"

#include <algorithm>

namespace towl::detail::v2 {

bool TokenSet::insert(std::uint64_t hash, TokenClass token) {
  if (hash == 0) hash = 1;
  if (4 * (count_ + 1) > 3 * hashes_.size()) grow();
  const std::size_t mask = hashes_.size() - 1;
  for (std::size_t at = static_cast<std::size_t>(hash) & mask;; at = (at + 1) & mask) {
    if (hashes_[at] == hash) return false;
    if (hashes_[at] != 0) continue;
    hashes_[at] = hash;
    classes_[at] = token;
    ++count_;
    return true;
  }
}

void TokenSet::grow() {
  const std::size_t size = std::max<std::size_t>(1024, 2 * hashes_.size());
  std::vector<std::uint64_t> old(size);
  std::vector<TokenClass> old_classes(size);
  old.swap(hashes_);
  old_classes.swap(classes_);
  count_ = 0;
  for (std::size_t i = 0; i < old.size(); ++i) {
    if (old[i] != 0) insert(old[i], old_classes[i]);
  }
}

void TokenSet::clear() {
  std::fill(hashes_.begin(), hashes_.end(), 0);
  count_ = 0;
}

std::size_t TokenSet::count_from(const LeastLengths& least) const {
  std::size_t count = 0;
  each([&](std::uint64_t, TokenClass token) { count += token.is_of(least) ? 1 : 0; });
  return count;
}

}  // namespace towl::detail::v2

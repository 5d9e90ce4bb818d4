#include "ingest/upstreams.hpp"

#include "limits/limits.hpp"

namespace towld {

void Upstreams::add(std::span<const std::string> identities) {
  std::lock_guard lock(mutex_);
  const std::size_t before = identities_.size();
  for (const std::string& identity : identities) {
    if (identities_.size() < kMaxUpstreams) identities_.insert(identity);
  }
  if (identities_.size() != before) ++version_;
}

std::vector<std::string> Upstreams::all() const {
  std::lock_guard lock(mutex_);
  return {identities_.begin(), identities_.end()};
}

}  // namespace towld

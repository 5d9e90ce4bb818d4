#include "ingest/producers.hpp"

#include <algorithm>

namespace towld {

bool Producers::has(const std::string& producer_id, std::uint64_t sequence) const {
  const auto found = by_id_.find(producer_id);
  return found != by_id_.end() && sequence <= found->second->second;
}

void Producers::stored(const std::string& producer_id, std::uint64_t sequence) {
  if (const auto found = by_id_.find(producer_id); found != by_id_.end()) {
    found->second->second = sequence;
    known_.splice(known_.begin(), known_, found->second);
    return;
  }
  known_.emplace_front(producer_id, sequence);
  by_id_[producer_id] = known_.begin();
  if (known_.size() > max_producers_) {
    by_id_.erase(known_.back().first);
    known_.pop_back();
  }
}

void Producers::lost(const std::string& producer_id, std::uint64_t sequence) {
  const auto found = by_id_.find(producer_id);
  if (found == by_id_.end()) return;
  found->second->second = std::min(found->second->second, sequence - 1);
}

}  // namespace towld

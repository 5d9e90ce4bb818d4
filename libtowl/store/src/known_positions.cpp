#include "known_positions.hpp"

namespace towl::detail {

void KnownPositions::restore(std::vector<SourcePosition> older) {
  for (SourcePosition& position : older) last_.try_emplace(std::move(position.source), std::move(position.position));
}

std::string_view KnownPositions::find(std::string_view source) const {
  const auto found = last_.find(source);
  return found == last_.end() ? std::string_view() : std::string_view(found->second);
}

std::vector<SourcePosition> KnownPositions::list(const Map& map) {
  std::vector<SourcePosition> positions;
  positions.reserve(map.size());
  for (const auto& [source, position] : map) positions.push_back({source, position});
  return positions;
}

std::vector<SourcePosition> KnownPositions::settled() const {
  Map map = last_;
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) undo(*change, map);
  return list(map);
}

void KnownPositions::apply(std::span<const SourcePosition> positions) {
  for (const SourcePosition& position : positions) {
    const auto known = last_.find(position.source);
    Change change{position.source, {}};
    if (known != last_.end()) change.before = std::move(known->second);
    changes_.push_back(std::move(change));
    if (!position.position.empty()) {
      last_.insert_or_assign(position.source, position.position);
    } else if (known != last_.end()) {
      last_.erase(known);
    }
  }
}

void KnownPositions::settle() {
  changes_.clear();
  acknowledged_ = 0;
}

void KnownPositions::take_back() {
  for (; changes_.size() > acknowledged_; changes_.pop_back()) undo(changes_.back(), last_);
}

void KnownPositions::undo(const Change& change, Map& map) {
  if (change.before) {
    map.insert_or_assign(change.source, *change.before);
  } else {
    map.erase(change.source);
  }
}

}  // namespace towl::detail

#include "state/store_state.hpp"

#include <algorithm>
#include <utility>

namespace towld {

void StoreStatePublisher::publish(StoreState state) {
  std::vector<std::shared_ptr<StoreListener>> listeners;
  {
    std::lock_guard lock(mutex_);
    const bool more = state.generation != state_.generation || state.open.has_value() != state_.open.has_value() ||
                      (state.open && state.open->end != state_.open->end);
    state_ = std::move(state);
    if (!more) return;
    std::erase_if(listeners_, [](const auto& listener) { return listener.expired(); });
    for (const auto& listener : listeners_) {
      if (auto alive = listener.lock()) listeners.push_back(std::move(alive));
    }
  }
  for (const auto& listener : listeners) listener->store_changed();
}

StoreState StoreStatePublisher::get() const {
  std::lock_guard lock(mutex_);
  return state_;
}

void StoreStatePublisher::add(std::weak_ptr<StoreListener> listener) {
  std::lock_guard lock(mutex_);
  listeners_.push_back(std::move(listener));
}

std::size_t StoreStatePublisher::listeners() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::count_if(listeners_.begin(), listeners_.end(), [](const auto& listener) { return !listener.expired(); }));
}

}  // namespace towld

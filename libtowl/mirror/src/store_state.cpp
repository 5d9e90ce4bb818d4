#include "towl/mirror/store_state.hpp"

#include <algorithm>
#include <utility>

#include "pages_io.hpp"
#include "towl/store.hpp"

namespace towl {

void StoreStatePublisher::publish(const StoreWriter& writer, bool files_changed) {
  StoreState state = get();
  const auto open = writer.open_file();
  const auto known = [&] { return state.open && state.open->header.file_id == open->header.file_id; };
  const FileId next_file_id = writer.next_file_id();
  // A group may fill files to their end without leaving one open: then only the next ID tells.
  if (files_changed || open.has_value() != state.open.has_value() || (open && !known()) ||
      next_file_id != state.next_file_id) {
    ++state.generation;
  }
  state.next_file_id = next_file_id;
  state.identity = writer.identity();
  state.unsynced = open && open->written != open->durable;
  if (!open) {
    state.open.reset();
  } else if (!state.unsynced) {
    state.open = DurableFile{open->header, open->index, open->durable};
  } else if (!known()) {
    // The file was begun, but nothing of it is durable yet.
    Index index;
    index.opened = open->index.opened;
    state.open = DurableFile{open->header, index, {.ordinal = 0, .offset = detail::data_offset(open->header)}};
  }
  publish(std::move(state));
}

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

}  // namespace towl

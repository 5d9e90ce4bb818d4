// PullBudget bounds the chunks that all pulls together hold in memory, and those of one peer. Beyond it pulls wait until
// others give back what they hold, which those whose clients take nothing do in the end: see
// PullReactor::check_progress().
//
// Any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "limits/configured.hpp"

namespace towld {

class PullBudget {
 public:
  PullBudget(const Limits& limits, std::shared_ptr<LimitCounts> reached)
      : bytes_(limits[Limit::pull_bytes]), of_peer_(limits.share_of_peer(bytes_)), reached_(std::move(reached)) {}

  /// How large the next chunk may be: an eighth of what is left, so that many pulls get small chunks and few get
  /// large ones.
  std::size_t chunk_bytes() const {
    std::lock_guard lock(mutex_);
    return std::clamp((bytes_ - std::min(used_, bytes_)) / 8, kMinChunkBytes, kMaxChunkBytes);
  }

  /// There is room to read a chunk ahead of the client.
  bool may_read_ahead() const {
    std::lock_guard lock(mutex_);
    return used_ < bytes_ / 2;
  }

  /// True where there is room for a chunk of `peer`'s. Where not, `resume` is called once, soon after there is; it must
  /// not call back, but post. It is dropped where `who` is gone.
  bool has_room_or(const std::string& peer, std::weak_ptr<void> who, std::function<void()> resume) {
    std::lock_guard lock(mutex_);
    if (has_room(peer)) return true;
    reached_->add(Limit::pull_bytes);
    waiting_.push_back({peer, std::move(who), std::move(resume)});
    return false;
  }

  /// Somebody waits for room.
  bool is_short() const {
    std::lock_guard lock(mutex_);
    return !waiting_.empty();
  }

  void take(const std::string& peer, std::size_t bytes) {
    if (bytes == 0) return;
    std::lock_guard lock(mutex_);
    used_ += bytes;
    used_of_[peer] += bytes;
  }

  /// To be called, with 0, also by who goes: it may have been told of room that it does not need.
  void give_back(const std::string& peer, std::size_t bytes) {
    std::vector<std::function<void()>> resumed;
    {
      std::lock_guard lock(mutex_);
      used_ -= bytes;
      if (const auto of = used_of_.find(peer); of != used_of_.end() && (of->second -= bytes) == 0) used_of_.erase(of);
      // The first to wait of those that there is room for, and as many; each gives back in its turn.
      std::size_t left = bytes_ - std::min(used_, bytes_);
      for (auto waiter = waiting_.begin(); waiter != waiting_.end() && left > 0;) {
        const bool is_gone = waiter->who.expired();
        if (!is_gone && !has_room(waiter->peer)) {
          ++waiter;
          continue;
        }
        if (!is_gone) {
          resumed.push_back(std::move(waiter->resume));
          left -= std::min(left, kMinChunkBytes);
        }
        waiter = waiting_.erase(waiter);
      }
    }
    for (const auto& resume : resumed) resume();
  }

 private:
  struct Waiter {
    std::string peer;
    std::weak_ptr<void> who;
    std::function<void()> resume;
  };

  bool has_room(const std::string& peer) const {
    const auto of = used_of_.find(peer);
    return used_ < bytes_ && (of == used_of_.end() || of->second < of_peer_);
  }

  const std::size_t bytes_;
  const std::size_t of_peer_;
  const std::shared_ptr<LimitCounts> reached_;
  mutable std::mutex mutex_;
  std::size_t used_ = 0;
  std::unordered_map<std::string, std::size_t> used_of_;
  std::list<Waiter> waiting_;
};

}  // namespace towld

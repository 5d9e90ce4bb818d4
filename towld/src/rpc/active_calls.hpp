// ActiveCalls counts and bounds the streams of one kind that run now, and reaches them all when the collector stops.
//
// Any thread. The calls own themselves; this only knows of them.
#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "access/grant.hpp"

namespace towld {

/// A running stream.
class ActiveCall {
 public:
  virtual ~ActiveCall() = default;
  /// The collector stops: end soon, with everything answered that was taken.
  virtual void stop() = 0;
  /// Called every few seconds: end where the client has not taken anything for too long.
  virtual void check_progress() = 0;
  /// Its token was revoked: end now.
  virtual void revoke() = 0;
};

class ActiveCalls {
 public:
  explicit ActiveCalls(std::size_t max_calls) : max_calls_(max_calls) {}

  /// False where there are as many already, or the collector is stopping.
  /// `grant`: what it was begun with. `peer`: whose it is; one peer may have three quarters of them all, so that it
  /// locks nobody out.
  bool add(std::weak_ptr<ActiveCall> call, std::shared_ptr<const Grant> grant, const std::string& peer) {
    std::lock_guard lock(mutex_);
    std::erase_if(calls_, [](const auto& known) { return known.call.expired(); });
    const auto is_peers = [&](const Known& known) { return known.peer == peer; };
    const auto of_peer = static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), is_peers));
    if (stopping_ || calls_.size() >= max_calls_ || of_peer >= max_calls_ - max_calls_ / 4) return false;
    calls_.push_back({std::move(call), std::move(grant), peer});
    return true;
  }

  std::size_t count() const { return alive().size(); }
  bool stopping() const {
    std::lock_guard lock(mutex_);
    return stopping_;
  }

  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    for (const auto& call : alive()) call->stop();
  }

  void check_progress() {
    for (const auto& call : alive()) call->check_progress();
  }

  /// Ends those whose grant was revoked.
  void end_revoked() {
    for (const auto& call : alive(true)) call->revoke();
  }

 private:
  struct Known {
    std::weak_ptr<ActiveCall> call;
    std::shared_ptr<const Grant> grant;
    std::string peer;
  };

  std::vector<std::shared_ptr<ActiveCall>> alive(bool revoked_alone = false) const {
    std::lock_guard lock(mutex_);
    std::vector<std::shared_ptr<ActiveCall>> calls;
    for (const Known& known : calls_) {
      if (revoked_alone && (!known.grant || !known.grant->is_revoked())) continue;
      if (auto call = known.call.lock()) calls.push_back(std::move(call));
    }
    return calls;
  }

  const std::size_t max_calls_;
  mutable std::mutex mutex_;
  std::vector<Known> calls_;
  bool stopping_ = false;
};

}  // namespace towld

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
#include "access/peer_group.hpp"
#include "limits/configured.hpp"

namespace towld {

/// A running stream.
class ActiveCall {
 public:
  virtual ~ActiveCall() = default;
  /// The collector stops: end soon, with everything answered that was taken.
  virtual void stop() = 0;
  /// Called every few seconds: end if the client has not taken anything for too long.
  virtual void check_progress() = 0;
  /// Its token was revoked: end now.
  virtual void revoke() = 0;
};

class ActiveCalls {
 public:
  /// As many as `limits` says of `limit`; what is refused is counted in `reached`.
  ActiveCalls(const Limits& limits, Limit limit, std::shared_ptr<LimitCounts> reached)
      : max_calls_(limits[limit]),
        max_of_peer_(limits.share_of_peer(max_calls_)),
        limit_(limit),
        reached_(std::move(reached)) {}

  /// False if there are as many already, or the collector is stopping.
  /// `grant`: what it was begun with. `address`: whose it is; one peer may have only so much of them all, so that it locks
  /// nobody out.
  bool add(std::weak_ptr<ActiveCall> call, std::shared_ptr<const Grant> grant, const std::string& address) {
    const std::string peer = peer_group(address);
    std::lock_guard lock(mutex_);
    std::erase_if(calls_, [](const auto& known) { return known.call.expired(); });
    const auto is_peers = [&](const Known& known) { return known.peer == peer; };
    const auto of_peer = static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), is_peers));
    if (stopping_) return false;
    if (calls_.size() >= max_calls_ || of_peer >= max_of_peer_) {
      reached_->add(calls_.size() >= max_calls_ ? limit_ : Limit::peer_percent);
      return false;
    }
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
  const std::size_t max_of_peer_;
  const Limit limit_;
  const std::shared_ptr<LimitCounts> reached_;
  mutable std::mutex mutex_;
  std::vector<Known> calls_;
  bool stopping_ = false;
};

}  // namespace towld

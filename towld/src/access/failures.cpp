#include "access/failures.hpp"

#include <algorithm>

#include "access/peer_group.hpp"

namespace towld {

bool Failures::count(std::string_view peer, Clock::time_point now) {
  std::lock_guard lock(mutex_);
  const std::string name = peer_group(peer);
  const auto known = by_name_.find(name);
  if (known != by_name_.end()) {
    peers_.splice(peers_.begin(), peers_, known->second);
  } else {
    if (peers_.size() == kMaxFailingPeers) {
      by_name_.erase(peers_.back().name);
      peers_.pop_back();
    }
    peers_.push_front({.name = name, .left = at_once_, .last = now});
    by_name_[name] = peers_.begin();
  }
  Peer& one = peers_.front();
  const std::chrono::duration<double> since = now - one.last;
  one.left = std::min<double>(at_once_, one.left + since / kAccessFailureEvery);
  one.last = now;
  if (one.left < 1) return false;
  one.left -= 1;
  return true;
}

}  // namespace towld

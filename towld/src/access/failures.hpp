// Failures limits how often one peer may fail to show a good token: a number of times at once, and then once in
// kAccessFailureEvery. Good tokens are never held up: nobody guesses 256 bits, and others at the same address must
// not be locked out. It saves work and log lines, no more.
//
// Bounded: it knows kMaxFailingPeers; for a new one, the one that failed longest ago is forgotten.
// Any thread.
#pragma once

#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "limits/limits.hpp"

namespace towld {

class Failures {
 public:
  using Clock = std::chrono::steady_clock;

  explicit Failures(double at_once = kAccessFailuresAtOnce) : at_once_(at_once) {}

  /// Counts one. False if this peer has had too many.
  bool count(std::string_view peer, Clock::time_point now = Clock::now());

 private:
  struct Peer {
    std::string name;
    double left = 0;
    Clock::time_point last = {};
  };

  const double at_once_;
  std::mutex mutex_;
  std::list<Peer> peers_;  // the last to fail is first
  std::unordered_map<std::string, std::list<Peer>::iterator> by_name_;
};

}  // namespace towld

// Backoff is how long to wait before the next try: twice as long each time, with jitter. When a collector comes back,
// its clients do not all come back at the same moment.
#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>
#include <stop_token>

namespace towlctl {

class Backoff {
 public:
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest) : first_(first), longest_(longest) {}

  /// Waits; false if `stop` was requested while it waited.
  bool wait(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, next(), [] { return false; });
    return !stop.stop_requested();
  }

  /// The next wait is the shortest again.
  void reset() { tries_ = 0; }

  /// How many waits there were since the start or the last reset().
  int tries() const { return tries_; }

 private:
  std::chrono::milliseconds next() {
    const auto whole = std::min(longest_, first_ * (1 << std::min(tries_++, 16)));
    return std::chrono::milliseconds(std::uniform_int_distribution<long>(whole.count() / 2, whole.count())(random_));
  }

  std::chrono::milliseconds first_;
  std::chrono::milliseconds longest_;
  int tries_ = 0;
  std::minstd_rand random_{std::random_device{}()};
  std::mutex mutex_;
  std::condition_variable_any woken_;
};

}  // namespace towlctl

// BackOff says how long to wait before something that failed is tried again: longer each time, and partly by chance, so
// that many that failed together do not come back together.
//
// Only progress makes the pauses short again, not an answer: a peer that answers and then refuses is not asked forty
// times a second.
// Threads: one at a time.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace towld {

class BackOff {
 public:
  using Milliseconds = std::chrono::milliseconds;

  /// The first pause is `first` at most; each further one twice as long, up to `longest`.
  BackOff(Milliseconds first, Milliseconds longest, std::uint32_t seed = std::random_device{}())
      : first_(first), longest_(longest), pause_(first), random_(seed) {}

  /// The pause after one more failure: between the half and the whole of what it may be.
  Milliseconds next() {
    std::uniform_int_distribution<std::int64_t> part(pause_.count() / 2, pause_.count());
    pause_ = std::min(pause_ * 2, longest_);
    return Milliseconds(part(random_));
  }

  /// Something got through.
  void progressed() { pause_ = first_; }

 private:
  Milliseconds first_;
  Milliseconds longest_;
  Milliseconds pause_;
  std::mt19937 random_;  // minstd_rand would begin with much the same for seeds that are near each other
};

}  // namespace towld

// MemoryTrim gives memory back to the system that the allocator would keep for good: once many connections or streams
// have ended, and once much more is free than was, as after a flood of headers.
//
// Threads: one.
#pragma once

#include <malloc.h>

#include <algorithm>
#include <cstddef>

#include "limits/limits.hpp"

namespace towld {

class MemoryTrim {
 public:
  /// To be called now and then with how many connections and streams there are.
  void look(std::size_t count) {
    most_ = std::max(most_, count);
    const std::size_t free = mallinfo2().fordblks;
    free_ = std::min(free_, free);
    if (most_ - count < kTrimAfterEnds && free < free_ + kTrimAfterBytes) return;
    malloc_trim(0);
    most_ = count;
    free_ = mallinfo2().fordblks;  // What was given back still counts as free.
  }

 private:
  // Since it was last done:
  std::size_t most_ = 0;                     // connections and streams
  std::size_t free_ = mallinfo2().fordblks;  // bytes, at least
};

}  // namespace towld

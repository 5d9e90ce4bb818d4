// MemoryTrim gives memory back to the system once many connections or streams have ended: the allocator would keep what
// they took for good.
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
  /// To be called now and then with how many there are.
  void look(std::size_t count) {
    most_ = std::max(most_, count);
    if (most_ - count < kTrimAfterEnds) return;
    most_ = count;
    malloc_trim(0);
  }

 private:
  std::size_t most_ = 0;  // since it was last done
};

}  // namespace towld

// PullBudget bounds the chunks that all pulls together hold in memory.
//
// Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "limits/limits.hpp"

namespace towld {

class PullBudget {
 public:
  /// How large the next chunk may be: an eighth of what is left, so that many pulls get small chunks and few get
  /// large ones.
  std::size_t chunk_bytes() const {
    const std::size_t used = used_;
    const std::size_t left = kPullBudgetBytes - std::min(used, kPullBudgetBytes);
    return std::clamp(left / 8, kMinChunkBytes, kMaxChunkBytes);
  }

  /// There is room to read a chunk ahead of the client.
  bool may_read_ahead() const { return used_ < kPullBudgetBytes / 2; }

  void take(std::size_t bytes) { used_ += bytes; }
  void give_back(std::size_t bytes) { used_ -= bytes; }

 private:
  std::atomic<std::size_t> used_ = 0;
};

}  // namespace towld

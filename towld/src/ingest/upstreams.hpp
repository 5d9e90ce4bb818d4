// Upstreams are the stores whose entries come into this one, by a push or by way of others: an output that leads back
// to one of them would send its entries round for ever.
//
//     A pushes to B, B to C, C to A: C knows A from B, which knows it from A. A is told so, and refuses.
//
// Any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <vector>

namespace towld {

class Upstreams {
 public:
  /// Identities of stores. Those above kMaxUpstreams are not remembered.
  void add(std::span<const std::string> identities);

  std::vector<std::string> all() const;

  /// Grows when there are more.
  std::uint64_t version() const { return version_; }

 private:
  mutable std::mutex mutex_;
  std::set<std::string> identities_;
  std::atomic<std::uint64_t> version_ = 0;
};

}  // namespace towld

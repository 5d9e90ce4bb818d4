// SourceClaims says which input reads a source that several could read: how far it was read is the source's own, so
// only one may move it.
//
// Threads: any.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace towld {

class SourceClaims {
 public:
  /// Gives the source to `input` unless another one has it. Returns who has it then.
  std::string claim(const std::string& source, const std::string& input) {
    std::lock_guard lock(mutex_);
    return owners_.emplace(source, input).first->second;
  }

  /// Takes it back from `input`, if it is its own.
  void release(const std::string& source, const std::string& input) {
    std::lock_guard lock(mutex_);
    const auto owner = owners_.find(source);
    if (owner != owners_.end() && owner->second == input) owners_.erase(owner);
  }

  /// Takes back all that `input` has.
  void release_all(const std::string& input) {
    std::lock_guard lock(mutex_);
    std::erase_if(owners_, [&](const auto& owner) { return owner.second == input; });
  }

  bool is_claimed(const std::string& source) const {
    std::lock_guard lock(mutex_);
    return owners_.contains(source);
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::string> owners_;
};

}  // namespace towld

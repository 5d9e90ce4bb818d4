#include "inputs/kubernetes/pod_directory.hpp"

#include <algorithm>
#include <utility>

#include "limits/limits.hpp"

namespace towld {

PodFields PodDirectory::find(const PodKey& key) const {
  const std::lock_guard lock(mutex_);
  std::string uid = key.uid;
  if (uid.empty()) {
    const auto named = uid_of_name_.find(name_of(key));
    if (named == uid_of_name_.end()) return nullptr;
    uid = named->second;
  } else if (const auto hashed = uid_of_hash_.find(uid); hashed != uid_of_hash_.end()) {
    uid = hashed->second;
  }
  const auto found = pods_.find(uid);
  return found == pods_.end() ? nullptr : found->second.fields;
}

bool PodDirectory::put(Pod pod) {
  const std::lock_guard lock(mutex_);
  auto found = pods_.find(pod.key.uid);
  if (found == pods_.end()) {
    if (!make_room()) {
      ++refused_;
      return false;
    }
    found = pods_.emplace(pod.key.uid, Known{}).first;
  }
  Known& known = found->second;
  known.list = list_;
  if (known.gone) {
    gone_.erase(*known.gone);
    known.gone.reset();
  }
  if (known.fields && *known.fields == pod.fields && known.pod.config_hash == pod.config_hash) return false;
  known.fields = std::make_shared<const std::vector<Field>>(std::move(pod.fields));
  known.pod = {std::move(pod.key), std::move(pod.config_hash)};
  uid_of_name_[name_of(known.pod.key)] = known.pod.key.uid;
  if (!known.pod.config_hash.empty()) uid_of_hash_[known.pod.config_hash] = known.pod.key.uid;
  ++generation_;
  return true;
}

/// False if all that are known are alive.
bool PodDirectory::make_room() {
  if (pods_.size() < kMaxPods) return true;
  if (gone_.empty()) return false;
  drop(gone_.front());
  return true;
}

void PodDirectory::drop(const std::string& uid) {
  const auto found = pods_.find(uid);
  if (found == pods_.end()) return;
  const Pod& pod = found->second.pod;
  // A later pod may have the name, or the hash, by now.
  const auto forget = [&](auto& uids, const std::string& by) {
    const auto known = uids.find(by);
    if (known != uids.end() && known->second == pod.key.uid) uids.erase(known);
  };
  forget(uid_of_name_, name_of(pod.key));
  forget(uid_of_hash_, pod.config_hash);
  const auto gone = found->second.gone;
  pods_.erase(found);
  if (gone) gone_.erase(*gone);
  ++generation_;
}

void PodDirectory::set_gone(Known& known) {
  if (known.gone) return;
  known.gone = gone_.insert(gone_.end(), known.pod.key.uid);
}

void PodDirectory::remove(const std::string& uid) {
  const std::lock_guard lock(mutex_);
  if (const auto found = pods_.find(uid); found != pods_.end()) set_gone(found->second);
}

void PodDirectory::begin_list() {
  const std::lock_guard lock(mutex_);
  ++list_;
}

void PodDirectory::end_list() {
  const std::lock_guard lock(mutex_);
  for (auto& [uid, known] : pods_) {
    if (known.list != list_) set_gone(known);
  }
}

std::optional<PodDirectory::Clock::time_point> PodDirectory::lost_at() const {
  const std::lock_guard lock(mutex_);
  return lost_at_;
}

void PodDirectory::found() {
  const std::lock_guard lock(mutex_);
  lost_at_.reset();
}

void PodDirectory::lost(Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  if (!lost_at_) lost_at_ = now;
}

std::size_t PodDirectory::size() const {
  const std::lock_guard lock(mutex_);
  return pods_.size();
}

std::uint64_t PodDirectory::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

bool PodOfFile::waits(const PodDirectory& pods, Clock::duration wait, Clock::time_point now) {
  if (const auto generation = pods.generation(); generation != generation_) {
    generation_ = generation;
    // What was known once stays, even if there is no room for it any more.
    if (auto found = pods.find(key_)) fields_ = std::move(found);
  }
  until_.reset();
  if (fields_) return false;
  if (!asked_at_) asked_at_ = now;
  auto until = *asked_at_ + wait;
  if (const auto lost = pods.lost_at()) until = std::min(until, *lost + wait);
  if (now >= until) return false;
  until_ = until;
  return true;
}

}  // namespace towld

#include "inputs/file/tail_set.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace towld {

std::size_t open_files_limit() {
  constexpr std::size_t kFewest = 8;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return kFewest;
  return std::clamp(static_cast<std::size_t>(limit.rlim_cur / 4), kFewest, kMaxOpenFiles);
}

FileTail& TailSet::add(const FileIdentity& identity, const std::string& path, const TailSettings& settings,
                       const std::optional<FilePosition>& from) {
  const std::uint64_t key = ++last_key_;
  auto& tail = tails_[key];
  tail = std::make_unique<FileTail>(key, identity, path, settings, from);
  by_identity_[identity] = tail.get();
  return *tail;
}

void TailSet::remove(std::uint64_t key) {
  const auto tail = tails_.find(key);
  if (tail == tails_.end()) return;
  by_identity_.erase(tail->second->identity());
  used_.erase(key);
  tails_.erase(tail);
}

FileTail* TailSet::find(std::uint64_t key) {
  const auto tail = tails_.find(key);
  return tail == tails_.end() ? nullptr : tail->second.get();
}

FileTail* TailSet::find(const FileIdentity& identity) {
  const auto tail = by_identity_.find(identity);
  return tail == by_identity_.end() ? nullptr : tail->second;
}

std::size_t TailSet::open_files() const {
  return static_cast<std::size_t>(
      std::count_if(tails_.begin(), tails_.end(), [](const auto& tail) { return tail.second->is_open(); }));
}

towl::Result<void> TailSet::open(FileTail& tail, const std::string& path) {
  used_[tail.key()] = ++uses_;
  if (tail.is_open()) return {};
  if (++open_ > max_open_) {
    open_ = open_files() + 1;
    if (open_ > max_open_) close_one(tail);
  }
  auto opened = tail.open(path);
  // The process may have fewer descriptors left than it was thought to have.
  if (!opened && opened.error().code == towl::ErrorCode::io && close_one(tail)) opened = tail.open(path);
  return opened;
}

// Closes the file that was not used for longest. One that has no name any more could not be opened again.
bool TailSet::close_one(const FileTail& but) {
  FileTail* oldest = nullptr;
  for (const auto& [key, tail] : tails_) {
    if (!tail->is_open() || tail->gone_since || tail.get() == &but) continue;
    if (oldest == nullptr || used_[key] < used_[oldest->key()]) oldest = tail.get();
  }
  if (oldest == nullptr) return false;
  oldest->close();
  --open_;
  return true;
}

}  // namespace towld

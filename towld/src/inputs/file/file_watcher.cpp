#include "inputs/file/file_watcher.hpp"

#include <sys/inotify.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>

namespace towld {
namespace {

constexpr std::uint32_t kFolderEvents =
    IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR;
constexpr std::uint32_t kFileEvents = IN_MODIFY | IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF;

/// In place of a key: of a file that is only watched.
constexpr std::uint64_t kNoFile = 0;

}  // namespace

FileWatcher::FileWatcher() : inotify_(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {}

FileWatcher::Watched FileWatcher::watch_folders(const std::vector<std::string>& folders) {
  if (!inotify_) return {.all = false};
  Watched result;
  std::unordered_map<std::string, int> wanted;
  for (const std::string& folder : folders) {
    if (const auto known = folder_watches_.find(folder); known != folder_watches_.end()) {
      wanted.insert(*known);
      continue;
    }
    const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), kFolderEvents);
    if (watch < 0) {
      result.all = result.all && (errno == ENOENT || errno == ENOTDIR);
      continue;
    }
    result.some_new = true;
    wanted[folder] = watch;
    folders_[watch] = folder;
  }
  for (const auto& [folder, watch] : folder_watches_) {
    if (wanted.contains(folder)) continue;
    // Links may lead to one folder by several paths: it has one watch.
    const auto same = [&, gone = watch](const auto& other) { return other.second == gone; };
    if (std::any_of(wanted.begin(), wanted.end(), same)) continue;
    ::inotify_rm_watch(inotify_.get(), watch);
    folders_.erase(watch);
  }
  folder_watches_ = std::move(wanted);
  return result;
}

towl::Result<void> FileWatcher::watch_file(int descriptor, std::uint64_t key) {
  if (!inotify_) return towl::fail(towl::ErrorCode::io, "inotify is not available");
  // By its descriptor: the name may be another file's by now.
  const std::string path = "/proc/self/fd/" + std::to_string(descriptor);
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), kFileEvents);
  if (watch < 0) return towl::fail(towl::error_from_errno(errno, "cannot watch the file", ""));
  files_[watch] = key;
  watches_[key] = watch;
  return {};
}

void FileWatcher::forget_file(std::uint64_t key) {
  const auto known = watches_.find(key);
  if (known == watches_.end()) return;
  ::inotify_rm_watch(inotify_.get(), known->second);
  files_.erase(known->second);
  watches_.erase(known);
}

void FileWatcher::watch_path(const std::string& path) {
  if (!inotify_) return;
  const int watch = ::inotify_add_watch(inotify_.get(), path.c_str(), kFileEvents);
  if (watch >= 0) files_.insert({watch, kNoFile});
}

void FileWatcher::read(Changes& changes) {
  if (!inotify_) return;
  alignas(inotify_event) std::array<char, std::size_t{16} << 10> buffer;
  for (;;) {
    const auto got = ::read(inotify_.get(), buffer.data(), buffer.size());
    if (got <= 0) return;
    for (std::size_t at = 0; at + sizeof(inotify_event) <= static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, buffer.data() + at, sizeof event);
      at += sizeof event + event.len;
      take_event(event.wd, event.mask, changes);
    }
  }
}

void FileWatcher::take_event(int watch, std::uint32_t mask, Changes& changes) {
  if ((mask & IN_Q_OVERFLOW) != 0) {
    changes.folders = changes.everything = true;
    return;
  }
  if (const auto file = files_.find(watch); file != files_.end()) {
    if (file->second != kNoFile) changes.files.push_back(file->second);
    if (file->second == kNoFile || (mask & (IN_ATTRIB | IN_MOVE_SELF | IN_DELETE_SELF)) != 0) changes.folders = true;
    if ((mask & IN_IGNORED) != 0) {
      watches_.erase(file->second);
      files_.erase(file);
    }
    return;
  }
  const auto folder = folders_.find(watch);
  if (folder == folders_.end()) return;
  changes.folders = true;
  // A folder that is gone or renamed is watched again by its name, if that appears again.
  if ((mask & (IN_IGNORED | IN_DELETE_SELF | IN_MOVE_SELF)) == 0) return;
  if ((mask & IN_MOVE_SELF) != 0) ::inotify_rm_watch(inotify_.get(), watch);
  folder_watches_.erase(folder->second);
  folders_.erase(folder);
}

}  // namespace towld

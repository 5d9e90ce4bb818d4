// FileWatcher says when files grow and folders change (inotify(7)).
//
// A file is watched itself, not its name: renaming it or closing its descriptor ends nothing. What cannot be watched
// (network file systems, too many watches) is found by looking now and then, which callers must do anyway.
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "inputs/descriptor.hpp"
#include "towl/result.hpp"

namespace towld {

class FileWatcher {
 public:
  /// If there is no inotify, nothing is ever said to have changed.
  FileWatcher();

  /// To wait for with poll(2); -1 if there is none.
  int descriptor() const { return inotify_.get(); }

  struct Watched {
    bool all = true;        ///< All that are there.
    bool some_new = false;  ///< At least one was not watched before.
  };
  /// Watches exactly these folders from now on.
  Watched watch_folders(const std::vector<std::string>& folders);

  /// Watches an open file, known to the caller by `key`. Errors: no_space (too many watches), io.
  towl::Result<void> watch_file(int descriptor, std::uint64_t key);
  void forget_file(std::uint64_t key);
  /// Watches a file that is not read: when it changes, Changes::folders says so.
  void watch_path(const std::string& path);

  struct Changes {
    bool folders = false;              ///< Something was created, renamed or removed.
    bool everything = false;           ///< Events were lost: look at all.
    std::vector<std::uint64_t> files;  ///< Keys of files that were written to, truncated or renamed; may repeat.
  };
  /// What changed since the last call; does not wait.
  void read(Changes& changes);

 private:
  void take_event(int watch, std::uint32_t mask, Changes& changes);

  Descriptor inotify_;
  std::unordered_map<int, std::uint64_t> files_;    // by watch
  std::unordered_map<std::uint64_t, int> watches_;  // by key
  std::unordered_map<int, std::string> folders_;    // by watch
  std::unordered_map<std::string, int> folder_watches_;
};

}  // namespace towld

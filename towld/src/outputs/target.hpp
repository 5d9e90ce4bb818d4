// Target is where an output's bytes go: a descriptor that is there already, or a file that is opened, and opened again
// when logrotate has moved or removed it.
//
// Threads: one at a time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ingest/wakeup.hpp"
#include "towl/result.hpp"

namespace towld {

class Target {
 public:
  /// Borrows the descriptor. A reader that is slow is waited for, one that is gone is an error for good.
  static Target descriptor(int fd) { return Target(fd, {}); }

  /// Opened (created with mode 0640, appended to) by open(). What is written there is this program's alone.
  static Target file(std::string path) { return Target(-1, std::move(path)); }

  Target(Target&& other) noexcept;
  Target& operator=(Target&&) = delete;
  ~Target();

  /// Opens the file that has the path now. If it is the one of `committed`, what commit() gave, it is cut to the size
  /// that it had then. Errors: io, permission_denied, not_found (its folder).
  towl::Result<void> open(const std::optional<std::string>& committed);

  /// The path leads to another file now, or to none, or no file is open.
  bool has_moved() const;

  /// Makes durable what was written, and says which file of what size it is in; "" if it is no regular file: a pipe
  /// takes nothing back. Errors: no_space, io.
  towl::Result<std::string> commit();

  /// Writes some of `bytes`; how many. 0 if it can take none now: see wait(). Errors: no_space, io.
  towl::Result<std::size_t> write_some(std::string_view bytes);

  /// Waits until bytes can be written or `wakeup` wakes.
  void wait(Wakeup& wakeup) const;

  bool is_file() const { return !path_.empty(); }

  /// After an error another attempt may work.
  bool can_recover() const { return !path_.empty(); }

 private:
  Target(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  void close();

  int fd_;
  std::string path_;
  bool folder_synced_ = false;  // since the file was opened, and perhaps created
};

}  // namespace towld

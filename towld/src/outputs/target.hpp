// Target is where an output's bytes go: a descriptor that is there already, or a file that is opened, and opened again
// where logrotate has moved or removed it.
//
// Threads: one at a time.
#pragma once

#include <string>
#include <string_view>

#include "ingest/wakeup.hpp"
#include "towl/result.hpp"

namespace towld {

class Target {
 public:
  /// Borrows the descriptor. A reader that is slow is waited for, one that is gone is an error for good.
  static Target descriptor(int fd) { return Target(fd, {}); }

  /// Opened (created with mode 0640, appended to) by prepare().
  static Target file(std::string path) { return Target(-1, std::move(path)); }

  Target(Target&& other) noexcept;
  Target& operator=(Target&&) = delete;
  ~Target();

  /// Makes sure that the file is the one that has the path. Errors: io, permission_denied, not_found (its folder).
  towl::Result<void> prepare();

  /// Writes some of `bytes`; how many. 0 where it can take none now: see wait(). Errors: no_space, io.
  towl::Result<std::size_t> write_some(std::string_view bytes);

  /// Waits until bytes can be written or `wakeup` wakes.
  void wait(Wakeup& wakeup) const;

  /// After an error another attempt may work.
  bool can_recover() const { return !path_.empty(); }

 private:
  Target(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}

  void close();

  int fd_;
  std::string path_;
};

}  // namespace towld

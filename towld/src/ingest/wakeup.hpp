// Wakeup interrupts a thread that waits in poll(): an eventfd(2).
//
// Threads: wake() from any; the rest on the thread that waits.
#pragma once

#include <atomic>
#include <memory>

#include "towl/result.hpp"

namespace towld {

class Wakeup {
 public:
  /// Errors: io (too many open files).
  static towl::Result<std::shared_ptr<Wakeup>> create();

  explicit Wakeup(int fd) : fd_(fd) {}
  Wakeup(const Wakeup&) = delete;
  Wakeup& operator=(const Wakeup&) = delete;
  ~Wakeup();

  /// Ends a wait now or the next one.
  void wake();

  /// Forgets what was woken for.
  void clear();

  /// To be polled for input.
  int fd() const { return fd_; }

  /// Waits until woken, `other` (unless -1) can be read or ended, or the time is over; -1 waits for ever. Whether
  /// `other` is ready.
  bool wait(int other, int timeout_ms);

 private:
  int fd_;
};

}  // namespace towld

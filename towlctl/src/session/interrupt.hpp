// Interrupt turns SIGINT and SIGTERM into a stop token, so that a command ends in order: what it has is synced and
// its summary is printed. A second signal ends the process at once.
//
// Create it before any other thread: threads inherit the signal mask. One at a time.
#pragma once

#include <signal.h>

#include <atomic>
#include <stop_token>
#include <thread>

namespace towlctl {

class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  std::stop_token token() const { return stop_.get_token(); }

  /// 128 + the signal, as shells report it; 0 if none came.
  int exit_code() const { return exit_code_; }

 private:
  void wait_for_signals();

  sigset_t signals_;
  sigset_t before_;
  std::stop_source stop_;
  std::atomic<int> exit_code_ = 0;
  std::atomic<bool> ending_ = false;
  std::thread thread_;
};

}  // namespace towlctl

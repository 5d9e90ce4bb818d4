#include "session/interrupt.hpp"

#include <pthread.h>
#include <unistd.h>

namespace towlctl {

Interrupt::Interrupt() {
  sigemptyset(&signals_);
  sigaddset(&signals_, SIGINT);
  sigaddset(&signals_, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals_, &before_);
  thread_ = std::thread([this] { wait_for_signals(); });
}

Interrupt::~Interrupt() {
  ending_ = true;
  // Only to that thread, which waits for the signal and takes it as the sign to end.
  // NOLINTNEXTLINE(bugprone-bad-signal-to-kill-thread): it is blocked, and kills nothing.
  pthread_kill(thread_.native_handle(), SIGTERM);
  thread_.join();
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void Interrupt::wait_for_signals() {
  for (;;) {
    int signal = 0;
    sigwait(&signals_, &signal);
    if (ending_) return;
    if (exit_code_ != 0) _exit(exit_code_);
    exit_code_ = 128 + signal;
    stop_.request_stop();
  }
}

}  // namespace towlctl

#include "ingest/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>

namespace towld {

towl::Result<std::shared_ptr<Wakeup>> Wakeup::create() {
  const int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (fd < 0) return towl::fail(towl::error_from_errno(errno, "cannot create an eventfd", ""));
  return std::make_shared<Wakeup>(fd);
}

Wakeup::~Wakeup() { ::close(fd_); }

void Wakeup::wake() {
  const std::uint64_t one = 1;
  // It fails only if the counter is full: then it wakes anyway.
  [[maybe_unused]] const auto written = ::write(fd_, &one, sizeof one);
}

void Wakeup::clear() {
  std::uint64_t count = 0;
  [[maybe_unused]] const auto read = ::read(fd_, &count, sizeof count);
}

bool Wakeup::wait(int other, int timeout_ms) {
  std::array<pollfd, 2> polled = {{{fd_, POLLIN, 0}, {other, POLLIN, 0}}};  // poll passes over a descriptor of -1
  // An interruption by a signal is a wake-up as well.
  if (::poll(polled.data(), polled.size(), timeout_ms) <= 0) return false;
  return polled[1].revents != 0;
}

}  // namespace towld

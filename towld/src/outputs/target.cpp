#include "outputs/target.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace towld {

Target::Target(Target&& other) noexcept : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)) {}

Target::~Target() { close(); }

void Target::close() {
  if (path_.empty() || fd_ < 0) return;
  ::close(fd_);
  fd_ = -1;
}

towl::Result<void> Target::prepare() {
  if (path_.empty()) return {};
  struct stat here {};
  struct stat there {};
  if (fd_ >= 0) {
    const bool same = ::fstat(fd_, &here) == 0 && ::stat(path_.c_str(), &there) == 0 && here.st_dev == there.st_dev &&
                      here.st_ino == there.st_ino;
    if (same) return {};
    close();
  }
  // Not blocking: it may be a pipe (mkfifo) that nobody reads.
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
  if (fd_ < 0) return towl::fail(towl::error_from_errno(errno, "cannot open", path_));
  return {};
}

towl::Result<std::size_t> Target::write_some(std::string_view bytes) {
  if (path_.empty()) {
    // A pipe that polls as ready takes so much without blocking (pipe(7)), a terminal that was not stopped as well.
    bytes = bytes.substr(0, PIPE_BUF);
    pollfd polled = {fd_, POLLOUT, 0};
    if (::poll(&polled, 1, 0) <= 0 || (polled.revents & (POLLOUT | POLLERR | POLLHUP | POLLNVAL)) == 0) return 0;
  }
  const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
  if (written >= 0) return static_cast<std::size_t>(written);
  if (errno == EAGAIN || errno == EINTR) return 0;
  return towl::fail(towl::error_from_errno(errno, "cannot write", path_.empty() ? "standard output" : path_));
}

void Target::wait(Wakeup& wakeup) const {
  std::array<pollfd, 2> polled = {{{wakeup.fd(), POLLIN, 0}, {fd_, POLLOUT, 0}}};
  ::poll(polled.data(), polled.size(), -1);
}

}  // namespace towld

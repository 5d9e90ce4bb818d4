#include "append/line_source.hpp"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace towlctl {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

}  // namespace

LineSource::LineSource(std::string name, int descriptor, std::size_t max_line_bytes)
    : name_(std::move(name)), descriptor_(descriptor), max_line_bytes_(max_line_bytes) {}

LineSource::LineSource(LineSource&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      max_line_bytes_(other.max_line_bytes_),
      buffer_(std::move(other.buffer_)),
      begin_(other.begin_),
      end_(other.end_),
      searched_(other.searched_),
      at_end_(other.at_end_),
      number_(other.number_) {}

LineSource::~LineSource() {
  if (descriptor_ > STDIN_FILENO) close(descriptor_);
}

towl::Result<LineSource> LineSource::open(const std::string& path, std::size_t max_line_bytes) {
  if (path == "-") return LineSource("standard input", STDIN_FILENO, max_line_bytes);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return tl::unexpected(towl::error_from_errno(errno, "cannot open", path));
  return LineSource(path, descriptor, max_line_bytes);
}

bool LineSource::has_line() const {
  return begin_ < end_ && std::memchr(buffer_.data() + begin_, '\n', end_ - begin_) != nullptr;
}

towl::Result<Line> LineSource::next(std::chrono::milliseconds timeout) {
  for (;;) {
    const std::size_t found = rest().find('\n', searched_);
    const bool whole = found != std::string_view::npos;
    const std::size_t length = whole ? found : end_ - begin_;
    if (length > max_line_bytes_) {
      ++number_;
      return Line{Line::Kind::too_long};
    }
    if (whole || (at_end_ && length > 0)) {
      const std::string_view line = rest().substr(0, length);
      begin_ += length + (whole ? 1 : 0);
      searched_ = 0;
      ++number_;
      return Line{Line::Kind::line, line};
    }
    if (at_end_) return Line{Line::Kind::end};
    searched_ = length;
    const auto ready = wait(timeout);
    if (!ready) return tl::unexpected(ready.error());
    if (!*ready) return Line{Line::Kind::nothing};
    if (auto filled = fill(); !filled) return tl::unexpected(filled.error());
  }
}

towl::Result<bool> LineSource::wait(std::chrono::milliseconds timeout) {
  pollfd waiting = {.fd = descriptor_, .events = POLLIN, .revents = 0};
  const int ready = poll(&waiting, 1, static_cast<int>(timeout.count()));
  if (ready < 0 && errno != EINTR) return tl::unexpected(towl::error_from_errno(errno, "cannot read", name_));
  return ready > 0;
}

towl::Result<void> LineSource::fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= std::exchange(begin_, 0);
  }
  // At most a line of the limit is kept, so this ends at the limit and one read.
  if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
  const ssize_t got = read(descriptor_, buffer_.data() + end_, buffer_.size() - end_);
  if (got < 0) {
    if (errno == EINTR || errno == EAGAIN) return {};
    return tl::unexpected(towl::error_from_errno(errno, "cannot read", name_));
  }
  at_end_ = got == 0;
  end_ += static_cast<std::size_t>(got);
  return {};
}

}  // namespace towlctl

#include "outputs/target.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <climits>
#include <filesystem>
#include <utility>

#include "towl/file_layer.hpp"

namespace towld {
namespace {

/// Which file it is; its size follows in what is committed.
std::string place_of(const struct stat& file) {
  return std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino) + ":";
}

/// The size in `committed`, if that is of `file`.
std::optional<off_t> size_of(std::string_view committed, const struct stat& file) {
  const std::string place = place_of(file);
  if (!committed.starts_with(place)) return std::nullopt;
  committed.remove_prefix(place.size());
  off_t size = 0;
  const auto parsed = std::from_chars(committed.data(), committed.data() + committed.size(), size);
  if (parsed.ec != std::errc() || parsed.ptr != committed.data() + committed.size() || size < 0) return std::nullopt;
  return size;
}

/// A file that was created is there after a power cut once its folder is synced.
towl::Result<void> sync_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  return towl::posix_file_layer().sync_folder(folder.empty() ? std::filesystem::path(".") : folder);
}

}  // namespace

Target::Target(Target&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), path_(std::move(other.path_)), folder_synced_(other.folder_synced_) {}

Target::~Target() { close(); }

void Target::close() {
  if (path_.empty() || fd_ < 0) return;
  ::close(fd_);
  fd_ = -1;
}

bool Target::has_moved() const {
  if (path_.empty()) return false;
  struct stat here {};
  struct stat there {};
  return fd_ < 0 || ::fstat(fd_, &here) != 0 || ::stat(path_.c_str(), &there) != 0 || here.st_dev != there.st_dev ||
         here.st_ino != there.st_ino;
}

towl::Result<void> Target::open(const std::optional<std::string>& committed) {
  if (path_.empty()) return {};
  close();
  // Not blocking: it may be a pipe (mkfifo) that nobody reads.
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0640);
  if (fd_ < 0) return towl::fail(towl::error_from_errno(errno, "cannot open", path_));
  folder_synced_ = false;
  struct stat here {};
  if (!committed || ::fstat(fd_, &here) != 0 || !S_ISREG(here.st_mode)) return {};
  // A file that is shorter was cut by somebody else: it is only appended to.
  const auto size = size_of(*committed, here);
  if (!size || *size >= here.st_size) return {};
  if (::ftruncate(fd_, *size) != 0) {
    return towl::fail(towl::error_from_errno(errno, "cannot cut what was not committed", path_));
  }
  return {};
}

towl::Result<std::string> Target::commit() {
  struct stat here {};
  if (path_.empty()) return std::string();
  if (fd_ < 0) return towl::fail(towl::ErrorCode::io, "cannot sync: it is not open", path_);
  if (::fstat(fd_, &here) != 0) return towl::fail(towl::error_from_errno(errno, "cannot look at", path_));
  if (!S_ISREG(here.st_mode)) return std::string();
  if (::fdatasync(fd_) != 0) return towl::fail(towl::error_from_errno(errno, "cannot sync", path_));
  if (!folder_synced_) {
    if (auto synced = sync_folder_of(path_); !synced) return towl::fail(std::move(synced.error()));
    folder_synced_ = true;
  }
  return place_of(here) + std::to_string(here.st_size);
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

#include "access/private_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace towld {
namespace {

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

void take_owner(int fd, const std::filesystem::path& file) {
  struct stat as {};
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  if (stat(file.c_str(), &as) != 0 && stat(folder.c_str(), &as) != 0) return;
  // Only root may; others write files of their own.
  if (fchown(fd, as.st_uid, as.st_gid) != 0) return;
}

}  // namespace

towl::Result<void> replace_file(const std::filesystem::path& file, std::string_view contents, mode_t mode,
                                bool keep_owner) {
  std::string beside = file.string() + ".XXXXXX";
  const int fd = mkostemp(beside.data(), O_CLOEXEC);  // For its owner alone, to begin with.
  if (fd < 0) return towl::fail(towl::error_from_errno(errno, "cannot write", file.string()));
  if (keep_owner) take_owner(fd, file);
  const bool written = write_all(fd, contents) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
  int error_number = written ? 0 : errno;
  close(fd);
  if (written && rename(beside.c_str(), file.c_str()) != 0) error_number = errno;
  if (error_number == 0) return {};
  unlink(beside.c_str());
  return towl::fail(towl::error_from_errno(error_number, "cannot write", file.string()));
}

}  // namespace towld

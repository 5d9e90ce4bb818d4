#include "inputs/file/file_identity.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>

#include <cerrno>
// The hash is compiled in: no library is needed at run time.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "towl/time.hpp"

namespace towld {
namespace {

std::int64_t nanoseconds(const statx_timestamp& time) {
  return time.tv_sec * towl::kNanosecondsPerSecond + time.tv_nsec;
}

towl::Result<FileStatus> read_status(int folder, const char* path, int flags) {
  struct statx status {};
  if (::statx(folder, path, flags, STATX_BASIC_STATS | STATX_BTIME, &status) != 0) {
    return towl::fail(towl::error_from_errno(errno, "cannot look at the file", path));
  }
  FileStatus result;
  result.identity = {makedev(status.stx_dev_major, status.stx_dev_minor), status.stx_ino};
  result.size = status.stx_size;
  result.links = status.stx_nlink;
  result.modified_ns = nanoseconds(status.stx_mtime);
  if ((status.stx_mask & STATX_BTIME) != 0) result.born_ns = nanoseconds(status.stx_btime);
  result.is_regular = S_ISREG(status.stx_mode);
  return result;
}

}  // namespace

Fingerprint fingerprint_of(std::span<const char> bytes) {
  return {bytes.size(), XXH3_64bits(bytes.data(), bytes.size())};
}

bool begins_with(std::span<const char> head, const Fingerprint& fingerprint) {
  if (fingerprint.length == 0) return true;
  return head.size() >= fingerprint.length && fingerprint_of(head.first(fingerprint.length)) == fingerprint;
}

towl::Result<FileStatus> status_of(const char* path) { return read_status(AT_FDCWD, path, 0); }

towl::Result<FileStatus> status_of(int descriptor) { return read_status(descriptor, "", AT_EMPTY_PATH); }

}  // namespace towld

// FileIdentity and Fingerprint tell one file from another, whatever its name.
//
// A file system gives the number of a deleted file's inode to the next one, and a file that is copied and truncated
// keeps its own. So a file is the one that was read before if device and inode are the same, it was born at the same
// time (if the file system knows that), it still begins with the bytes that were read, and those before the position
// are still there.
#pragma once

#include <sys/stat.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>

#include "towl/result.hpp"

namespace towld {

struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  // NOLINTNEXTLINE(modernize-use-nullptr): it sees a 0 of its own.
  friend auto operator<=>(const FileIdentity&, const FileIdentity&) = default;
};

/// XXH3 of the first `length` bytes.
struct Fingerprint {
  std::uint64_t length = 0;
  std::uint64_t hash = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

Fingerprint fingerprint_of(std::span<const char> bytes);

/// True if a file that begins with `head` may be the one with this fingerprint: it is long enough, and begins so.
bool begins_with(std::span<const char> head, const Fingerprint& fingerprint);

/// What the operating system says about a file.
struct FileStatus {
  FileIdentity identity;
  std::uint64_t size = 0;
  std::uint64_t links = 0;
  std::int64_t modified_ns = 0;
  std::int64_t born_ns = 0;  ///< 0 if the file system does not know.
  bool is_regular = false;
};

/// The status of the file at `path`; links are followed. Errors: not_found, permission_denied, io.
towl::Result<FileStatus> status_of(const char* path);
/// The status of an open file.
towl::Result<FileStatus> status_of(int descriptor);

}  // namespace towld

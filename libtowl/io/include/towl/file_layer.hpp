// FileLayer is the only way libtowl touches a disk. The real one is posix_file_layer(); tests inject
// MemoryFileLayer, which fails or loses un-synced data at any call.
//
// Threads: a FileLayer may be used by many threads at once; a File by one thread at a time, except that
//          read_at() may run at the same time as any other call.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "towl/result.hpp"

namespace towl {

enum class OpenMode {
  read,        ///< The file must exist; writes fail.
  read_write,  ///< The file must exist.
  create,      ///< The file must not exist; created for reading and writing, mode 0640.
};

/// Distinguishes a file from another one that has the same name later.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// An open file. Closed when destroyed.
class File {
 public:
  virtual ~File() = default;

  /// Reads up to buffer.size() bytes at `offset`; fewer only near the file's end, and 0 at it.
  virtual Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) = 0;

  /// Writes all of `bytes` at `offset`, growing the file as needed. After an error any part of them may be written.
  virtual Result<void> write_at(std::uint64_t offset, std::string_view bytes) = 0;

  /// Returns once everything written so far, and the size, is on stable storage (fdatasync).
  /// After a failure nothing is known about what was written since the last success, and calling again
  /// proves nothing: the kernel forgets the failed pages.
  virtual Result<void> sync() = 0;

  /// Lets the operating system begin to write what was written so far, without waiting: the next sync() has less to
  /// do. Promises nothing, so it cannot fail.
  virtual void start_sync() {}

  virtual Result<std::uint64_t> size() = 0;

  /// Cuts or grows (with zeros) the file to `size` bytes.
  virtual Result<void> truncate(std::uint64_t size) = 0;

  /// Reserves disk space for [offset, offset + length) without changing the file's size, so that a write
  /// there cannot find the disk full. `no_space` if there is none; success without effect if the
  /// file system cannot reserve.
  virtual Result<void> reserve(std::uint64_t offset, std::uint64_t length) = 0;

  /// Gives back what reserve() took past the file's end.
  virtual Result<void> release_reserved() = 0;

  virtual Result<FileIdentity> identity() = 0;
};

/// Holds a lock while it lives.
class FileLock {
 public:
  virtual ~FileLock() = default;
};

/// How much room a file system has for users other than root.
struct Space {
  std::uint64_t total_bytes = 0;
  std::uint64_t available_bytes = 0;
};

class FileLayer {
 public:
  virtual ~FileLayer() = default;

  virtual Result<std::unique_ptr<File>> open(const std::filesystem::path& path, OpenMode mode) = 0;

  /// Names (not paths) of the entries of a folder, in no particular order.
  virtual Result<std::vector<std::string>> list(const std::filesystem::path& folder) = 0;

  /// Creates the folder and its parents, mode 0750, and syncs the parents. Success if it exists already.
  virtual Result<void> create_folder(const std::filesystem::path& folder) = 0;

  /// Atomically renames `from` to `to`, replacing what had that name.
  virtual Result<void> rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;

  virtual Result<void> remove(const std::filesystem::path& path) = 0;

  /// Returns once the folder's names (creations, renames, removals) are on stable storage.
  virtual Result<void> sync_folder(const std::filesystem::path& folder) = 0;

  /// Takes the exclusive lock of `path`, creating the file if needed. Does not wait: `locked` if it
  /// is held already. The lock ends with its holder, even if that crashes.
  virtual Result<std::unique_ptr<FileLock>> lock(const std::filesystem::path& path) = 0;

  /// Bytes that change when the file is replaced or written to, made without opening it: for example from its inode
  /// number, size and times. "": unknown, or there is no such file.
  virtual std::string stamp(const std::filesystem::path& path) {
    static_cast<void>(path);
    return {};
  }

  virtual Result<Space> space(const std::filesystem::path& folder) = 0;
};

/// The operating system's files. Lives as long as the program; any thread.
FileLayer& posix_file_layer();

}  // namespace towl

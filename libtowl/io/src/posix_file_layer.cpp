#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "towl/file_layer.hpp"

namespace towl {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kFileMode = 0640;
constexpr mode_t kFolderMode = 0750;

tl::unexpected<Error> fail_errno(std::string_view doing, const fs::path& path) {
  return fail(error_from_errno(errno, doing, path.string()));
}

/// Owns a file descriptor.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }

 private:
  int number_;
};

Descriptor open_retrying(const fs::path& path, int flags) {
  int number = -1;
  do {
    number = ::open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (number < 0 && errno == EINTR);
  return Descriptor(number);
}

Result<void> sync_descriptor(const Descriptor& descriptor, const fs::path& path, bool data_only) {
  // An fdatasync that a signal interrupts has not failed; any other error is final (see File::sync).
  int failed = 0;
  do {
    failed = data_only ? ::fdatasync(descriptor.number()) : ::fsync(descriptor.number());
  } while (failed != 0 && errno == EINTR);
  if (failed != 0) return fail_errno("cannot sync to disk", path);
  return {};
}

class PosixFile final : public File {
 public:
  PosixFile(Descriptor descriptor, fs::path path) : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<std::size_t> read_at(std::uint64_t offset, std::span<char> buffer) override {
    std::size_t done = 0;
    while (done < buffer.size()) {
      const ssize_t got =
          ::pread(descriptor_.number(), buffer.data() + done, buffer.size() - done, static_cast<off_t>(offset + done));
      if (got < 0 && errno == EINTR) continue;
      if (got < 0) return fail_errno("cannot read", path_);
      if (got == 0) break;
      done += static_cast<std::size_t>(got);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t put = ::pwrite(descriptor_.number(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return fail_errno("cannot write", path_);
      bytes.remove_prefix(static_cast<std::size_t>(put));
      offset += static_cast<std::uint64_t>(put);
    }
    return {};
  }

  Result<void> sync() override { return sync_descriptor(descriptor_, path_, true); }

  // A failure is not fatal: sync() will meet the same error and report it.
  void start_sync() override { (void)::sync_file_range(descriptor_.number(), 0, 0, SYNC_FILE_RANGE_WRITE); }

  Result<std::uint64_t> size() override {
    const auto status = stat();
    if (!status) return fail(status.error());
    return static_cast<std::uint64_t>(status->st_size);
  }

  Result<void> truncate(std::uint64_t size) override {
    int failed = 0;
    do {
      failed = ::ftruncate(descriptor_.number(), static_cast<off_t>(size));
    } while (failed != 0 && errno == EINTR);
    if (failed != 0) return fail_errno("cannot set the size", path_);
    return {};
  }

  Result<void> reserve(std::uint64_t offset, std::uint64_t length) override {
    int failed = 0;
    do {
      failed = ::fallocate(descriptor_.number(), FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                           static_cast<off_t>(length));
    } while (failed != 0 && errno == EINTR);
    if (failed != 0 && errno != EOPNOTSUPP && errno != ENOSYS) return fail_errno("cannot reserve space", path_);
    return {};
  }

  // Truncating to the current size frees the space after it: ext4 and XFS say so, and ignore a hole punched there.
  Result<void> release_reserved() override {
    const auto bytes = size();
    if (!bytes) return fail(bytes.error());
    return truncate(*bytes);
  }

  Result<FileIdentity> identity() override {
    const auto status = stat();
    if (!status) return fail(status.error());
    return FileIdentity{static_cast<std::uint64_t>(status->st_dev), static_cast<std::uint64_t>(status->st_ino)};
  }

 private:
  Result<struct stat> stat() {
    struct stat status = {};
    if (::fstat(descriptor_.number(), &status) != 0) return fail_errno("cannot get the size", path_);
    return status;
  }

  Descriptor descriptor_;
  fs::path path_;
};

class PosixLock final : public FileLock {
 public:
  explicit PosixLock(Descriptor descriptor) : descriptor_(std::move(descriptor)) {}

 private:
  Descriptor descriptor_;  // flock(2) ends with its last descriptor.
};

class PosixFileLayer final : public FileLayer {
 public:
  Result<std::unique_ptr<File>> open(const fs::path& path, OpenMode mode) override {
    int flags = O_RDONLY;
    if (mode == OpenMode::read_write) flags = O_RDWR;
    if (mode == OpenMode::create) flags = O_RDWR | O_CREAT | O_EXCL;
    // A FIFO under a file's name must not block us, nor a device be taken for a file.
    Descriptor descriptor = open_retrying(path, flags | O_NONBLOCK);
    if (!descriptor.valid()) return fail_errno(mode == OpenMode::create ? "cannot create" : "cannot open", path);
    struct stat status = {};
    if (::fstat(descriptor.number(), &status) != 0) return fail_errno("cannot open", path);
    if (!S_ISREG(status.st_mode)) return fail(ErrorCode::invalid_argument, "not a regular file", path.string());
    return std::make_unique<PosixFile>(std::move(descriptor), path);
  }

  Result<std::vector<std::string>> list(const fs::path& folder) override {
    std::error_code error;
    std::vector<std::string> names;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
      names.push_back(entry->path().filename().string());
    }
    if (error) return fail(error_from_errno(error.value(), "cannot list", folder.string()));
    return names;
  }

  Result<void> create_folder(const fs::path& folder) override {
    if (!folder.has_filename()) {
      return folder.has_relative_path() ? create_folder(folder.parent_path()) : Result<void>{};  // "a/b/", or "/"
    }
    std::error_code error;
    if (fs::is_directory(folder, error)) return {};
    const fs::path parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
    if (auto made = create_folder(parent); !made) return made;
    if (::mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
      return fail_errno("cannot create the folder", folder);
    }
    if (!fs::is_directory(folder, error)) return fail(ErrorCode::invalid_argument, "is not a folder", folder.string());
    return sync_folder(parent);
  }

  Result<void> rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) return fail_errno("cannot rename to " + to.string(), from);
    return {};
  }

  Result<void> remove(const fs::path& path) override {
    if (::unlink(path.c_str()) != 0) return fail_errno("cannot remove", path);
    return {};
  }

  Result<void> sync_folder(const fs::path& folder) override {
    const Descriptor descriptor = open_retrying(folder, O_RDONLY | O_DIRECTORY);
    if (!descriptor.valid()) return fail_errno("cannot open the folder", folder);
    return sync_descriptor(descriptor, folder, false);
  }

  Result<std::unique_ptr<FileLock>> lock(const fs::path& path) override {
    Descriptor descriptor = open_retrying(path, O_RDWR | O_CREAT);
    if (!descriptor.valid()) return fail_errno("cannot open the lock file", path);
    int failed = 0;
    do {
      failed = ::flock(descriptor.number(), LOCK_EX | LOCK_NB);
    } while (failed != 0 && errno == EINTR);
    if (failed != 0 && errno == EWOULDBLOCK) {
      return fail(ErrorCode::locked, "another process is writing here", path.string());
    }
    if (failed != 0) return fail_errno("cannot lock", path);
    return std::make_unique<PosixLock>(std::move(descriptor));
  }

  std::string stamp(const fs::path& path) override {
    struct stat status = {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return {};
    // The inode number may be used again, and anybody can set the time of the last write.
    std::string stamp;
    for (const auto part :
         {static_cast<std::int64_t>(status.st_ino), static_cast<std::int64_t>(status.st_size),
          static_cast<std::int64_t>(status.st_mtim.tv_sec), static_cast<std::int64_t>(status.st_mtim.tv_nsec),
          static_cast<std::int64_t>(status.st_ctim.tv_sec), static_cast<std::int64_t>(status.st_ctim.tv_nsec)}) {
      stamp += std::to_string(part) + ' ';
    }
    return stamp;
  }

  Result<Space> space(const fs::path& folder) override {
    struct statvfs status = {};
    if (::statvfs(folder.c_str(), &status) != 0) return fail_errno("cannot tell the free space", folder);
    return Space{status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize};
  }
};

}  // namespace

FileLayer& posix_file_layer() {
  static PosixFileLayer layer;
  return layer;
}

}  // namespace towl

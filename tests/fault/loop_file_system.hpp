// Disks that a test may break: an ext4 file system in an image file whose power can be cut, and a small one in memory.
//
// Needs:    root (or CAP_SYS_ADMIN), loop devices, and mkfs.ext4, e2fsck and mount in the path. If something is
//           missing, the disk is not mounted() and reason() says why: the test must be skipped.
// Clean up: the process takes a mount namespace of its own, so that its mounts and loop devices go with it even
//           if it is killed; destructors unmount before that.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "support/temp_folder.hpp"

namespace towl::test {

struct LoopOptions {
  /// Where the image file is made. Empty: in a temporary folder.
  std::filesystem::path image_folder = {};
  std::uint64_t bytes = std::uint64_t{1} << 30;  ///< The image is sparse.
  /// Without a journal ext4 writes all in place, and an error of the disk reaches fsync instead of ending the journal.
  bool journal = true;
};

/// An ext4 file system on a loop device.
class LoopFileSystem {
 public:
  explicit LoopFileSystem(const LoopOptions& options = {});
  LoopFileSystem(const LoopFileSystem&) = delete;
  LoopFileSystem& operator=(const LoopFileSystem&) = delete;
  ~LoopFileSystem();

  bool mounted() const { return mounted_; }
  /// Why it is not mounted.
  const std::string& reason() const { return reason_; }
  std::filesystem::path operator/(std::string_view name) const { return folder_ / name; }

  /// From here on every call on it fails, and what was not synced before is gone. False if that could not be done.
  bool cut_power();

  /// Unmounts, runs the check if there is no journal, and mounts again: what a machine does that gets its power back.
  /// Nothing may have files open there. Whether it is mounted again; fails the test if not.
  bool power_on();

 private:
  bool make();
  bool mount();
  bool unmount();
  bool write_single_pages() const;

  TempFolder images_;
  TempFolder folder_;
  LoopOptions options_;
  std::filesystem::path image_;
  bool mounted_ = false;
  std::string reason_;
};

/// A file system in memory.
class MemoryDisk {
 public:
  explicit MemoryDisk(std::uint64_t megabytes);
  MemoryDisk(const MemoryDisk&) = delete;
  MemoryDisk& operator=(const MemoryDisk&) = delete;
  ~MemoryDisk();

  bool mounted() const { return mounted_; }
  const std::string& reason() const { return reason_; }
  const std::filesystem::path& path() const { return folder_.path(); }

  /// Whether it has this size now.
  bool resize(std::uint64_t megabytes);

 private:
  TempFolder folder_;
  bool mounted_ = false;
  std::string reason_;
};

/// The file of a program in the path or where Debian keeps what root uses; empty if it is not installed.
std::filesystem::path find_program(const std::string& name);

}  // namespace towl::test

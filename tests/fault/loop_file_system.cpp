#include "fault/loop_file_system.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "support/process.hpp"

namespace towl::test {
namespace {

namespace fs = std::filesystem;

constexpr unsigned long kExt4Shutdown = 0x8004587d;  // EXT4_IOC_SHUTDOWN, which no installed header has.
constexpr std::uint32_t kNoLogFlush = 2;             // EXT4_GOING_FLAGS_NOLOGFLUSH: as if the power went.

std::string last_error(const std::string& doing) { return doing + ": " + std::strerror(errno); }

/// Empty, or why this process cannot have mounts of its own. Threads begun earlier do not see them: call it first.
std::string enter_own_mounts() {
  static const std::string reason = [] {
    if (unshare(CLONE_NEWNS) != 0) return last_error("needs root: cannot have mounts of its own");
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return last_error("cannot keep mounts");
    return std::string();
  }();
  return reason;
}

bool unmount_folder(const fs::path& folder) {
  // What was just killed may hold it for another moment.
  bool done = false;
  eventually([&] {
    done = umount2(folder.c_str(), 0) == 0;
    return done || errno != EBUSY;
  });
  return done;
}

}  // namespace

fs::path find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  std::istringstream folders((path != nullptr ? std::string(path) : "/usr/bin:/bin") + ":/usr/sbin:/sbin");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (const fs::path file = fs::path(folder) / name; access(file.c_str(), X_OK) == 0) return file;
  }
  return {};
}

LoopFileSystem::LoopFileSystem(const LoopOptions& options) : options_(options) {
  reason_ = enter_own_mounts();
  for (const char* needed : {"mkfs.ext4", "e2fsck", "mount"}) {
    if (reason_.empty() && find_program(needed).empty()) reason_ = std::string(needed) + " is not installed";
  }
  if (!reason_.empty()) return;
  image_ = (options_.image_folder.empty() ? images_.path() : options_.image_folder) / "image";
  mounted_ = make() && mount();
}

LoopFileSystem::~LoopFileSystem() {
  if (mounted_ && !unmount()) {
    ADD_FAILURE() << last_error("cannot unmount " + folder_.path().string());
    umount2(folder_.path().c_str(), MNT_DETACH);
  }
}

bool LoopFileSystem::make() {
  std::ofstream(image_).flush();
  std::error_code error;
  fs::resize_file(image_, options_.bytes, error);
  if (error) {
    reason_ = "cannot make an image file: " + error.message();
    return false;
  }
  // Few inodes: the image's own tables stay small. A block is a page: see write_single_pages().
  const auto made = run({find_program("mkfs.ext4"), "-q", "-F", "-b", "4096", "-N", "256", "-E", "lazy_itable_init=0",
                         "-O", options_.journal ? "has_journal" : "^has_journal", image_});
  if (made.code != 0) {
    reason_ = "mkfs.ext4 failed: " + made.err;
    return false;
  }
  // There must always be room for the tables: without it the file system would be damaged, not a file.
  constexpr std::size_t kTables = std::size_t{1} << 20;
  std::string tables(kTables, '\0');
  std::fstream image(image_, std::ios::in | std::ios::out | std::ios::binary);
  image.read(tables.data(), kTables);
  image.seekp(0);
  image.write(tables.data(), kTables);
  image.flush();
  if (!image) reason_ = "cannot write the image file";
  return static_cast<bool>(image);
}

bool LoopFileSystem::mount() {
  // Nothing may reach the disk just because ext4 helps: no commit every five seconds, no flush at a rename.
  const std::string options =
      options_.journal ? "loop,noauto_da_alloc,commit=300" : "loop,noauto_da_alloc,errors=continue";
  const auto done = run({find_program("mount"), "-t", "ext4", "-o", options, image_, folder_.path()});
  if (done.code != 0) {
    reason_ = "cannot mount a loop device: " + done.err;
    return false;
  }
  if (options_.journal || write_single_pages()) return true;
  reason_ = "cannot set the loop device up: its errors would get lost";
  (void)unmount();
  return false;
}

// If a loop device's write stops short because the image's disk is full, Linux (6.18) takes it for a good one: the rest
// is lost without an error. A write of a single page is there or fails.
bool LoopFileSystem::write_single_pages() const {
  struct stat status = {};
  if (stat(folder_.path().c_str(), &status) != 0) return false;
  const std::string device = std::to_string(major(status.st_dev)) + ":" + std::to_string(minor(status.st_dev));
  return static_cast<bool>(std::ofstream("/sys/dev/block/" + device + "/queue/max_sectors_kb") << "4" << std::flush);
}

bool LoopFileSystem::unmount() { return unmount_folder(folder_.path()); }

bool LoopFileSystem::cut_power() {
  const int fd = open(folder_.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  std::uint32_t flags = kNoLogFlush;
  const bool cut = fd >= 0 && ioctl(fd, kExt4Shutdown, &flags) == 0;
  if (!cut) reason_ = last_error("cannot shut the file system down");
  if (fd >= 0) close(fd);
  return cut;
}

bool LoopFileSystem::power_on() {
  if (!unmount()) {
    ADD_FAILURE() << last_error("cannot unmount " + folder_.path().string());
    return false;
  }
  mounted_ = false;
  if (!options_.journal) {
    const auto checked = run({find_program("e2fsck"), "-f", "-y", image_});
    if (checked.code >= 4) {
      ADD_FAILURE() << "e2fsck cannot repair the image: " << checked.out << checked.err;
      return false;
    }
  }
  mounted_ = mount();
  if (!mounted_) ADD_FAILURE() << reason_;
  return mounted_;
}

MemoryDisk::MemoryDisk(std::uint64_t megabytes) {
  reason_ = enter_own_mounts();
  if (!reason_.empty()) return;
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  mounted_ = ::mount("towl-test", folder_.path().c_str(), "tmpfs", 0, size.c_str()) == 0;
  if (!mounted_) reason_ = last_error("cannot mount a tmpfs");
}

MemoryDisk::~MemoryDisk() {
  if (mounted_ && !unmount_folder(folder_.path())) umount2(folder_.path().c_str(), MNT_DETACH);
}

bool MemoryDisk::resize(std::uint64_t megabytes) {
  const std::string size = "size=" + std::to_string(megabytes) + "m";
  return ::mount(nullptr, folder_.path().c_str(), nullptr, MS_REMOUNT, size.c_str()) == 0;
}

}  // namespace towl::test

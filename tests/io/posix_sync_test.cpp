// What the kernel is asked to do: fdatasync and fsync are this program's own; they note which file or folder they get.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "support/temp_folder.hpp"
#include "towl/file_layer.hpp"

namespace {

std::vector<std::string>* asked = nullptr;  // Of the test that runs.
std::vector<int> failures;                  // errno of the next calls.

int note(const char* what, int descriptor, long number) {
  if (asked != nullptr) {
    std::error_code ignored;
    asked->push_back(std::string(what) + ' ' +
                     std::filesystem::read_symlink("/proc/self/fd/" + std::to_string(descriptor), ignored).string());
  }
  if (!failures.empty()) {
    errno = failures.front();
    failures.erase(failures.begin());
    return -1;
  }
  return static_cast<int>(syscall(number, descriptor));
}

}  // namespace

extern "C" int fdatasync(int descriptor) { return note("fdatasync", descriptor, SYS_fdatasync); }
extern "C" int fsync(int descriptor) { return note("fsync", descriptor, SYS_fsync); }

namespace towl {
namespace {

class PosixSync : public testing::Test {
 protected:
  PosixSync() { asked = &asked_; }
  ~PosixSync() override {
    asked = nullptr;
    failures.clear();
  }
  std::string real(const std::string& name) const { return std::filesystem::canonical(folder.path()) / name; }
  test::TempFolder folder;
  FileLayer& layer = posix_file_layer();
  std::vector<std::string> asked_;
};

TEST_F(PosixSync, OfAFileIsFdatasync) {
  const auto file = std::move(*layer.open(folder / "a", OpenMode::create));
  ASSERT_TRUE(file->write_at(0, "hello"));
  EXPECT_TRUE(asked_.empty());
  ASSERT_TRUE(file->sync());
  EXPECT_EQ(asked_, std::vector{"fdatasync " + real("a")});
}

TEST_F(PosixSync, OfAFolderIsFsync) {
  ASSERT_TRUE(layer.sync_folder(folder.path()));
  EXPECT_EQ(asked_, std::vector{"fsync " + std::filesystem::canonical(folder.path()).string()});
}

TEST_F(PosixSync, OfTheParentsOfANewFolderToo) {
  ASSERT_TRUE(layer.create_folder(folder / "x/y"));
  EXPECT_EQ(asked_, (std::vector{"fsync " + std::filesystem::canonical(folder.path()).string(), "fsync " + real("x")}));
}

TEST_F(PosixSync, FailsForGoodButForASignal) {
  const auto file = std::move(*layer.open(folder / "a", OpenMode::create));
  failures = {EIO};
  EXPECT_EQ(file->sync().error().code, ErrorCode::io);
  EXPECT_EQ(asked_.size(), 1U) << "asked again after a failure that is final";
  failures = {EINTR};
  EXPECT_TRUE(file->sync());
  EXPECT_EQ(asked_.size(), 3U);
}

}  // namespace
}  // namespace towl

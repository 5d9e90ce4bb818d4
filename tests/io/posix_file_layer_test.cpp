#include <gtest/gtest.h>
#include <sys/stat.h>

#include "support/temp_folder.hpp"
#include "towl/file_layer.hpp"

namespace towl {
namespace {

class PosixLayer : public testing::Test {
 protected:
  test::TempFolder folder;
  FileLayer& layer = posix_file_layer();
};

TEST_F(PosixLayer, ReadsShortOnlyAtTheEnd) {
  const auto file = std::move(*layer.open(folder / "a", OpenMode::create));
  ASSERT_TRUE(file->write_at(0, "hello"));
  std::string buffer(10, ' ');
  EXPECT_EQ(file->read_at(0, buffer), 5U);
  EXPECT_EQ(file->read_at(5, buffer), 0U);
  EXPECT_EQ(file->read_at(500, buffer), 0U);
}

TEST_F(PosixLayer, CreatesFilesForTheOwnerAndItsGroupOnly) {
  const mode_t old_mask = umask(0);
  const auto file = layer.open(folder / "a", OpenMode::create);
  const auto made = layer.create_folder(folder / "x/y/z/");
  umask(old_mask);
  ASSERT_TRUE(file);
  ASSERT_TRUE(made);
  struct stat status = {};
  ASSERT_EQ(stat((folder / "a").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0640U);
  ASSERT_EQ(stat((folder / "x/y/z").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0750U);
}

TEST_F(PosixLayer, NeverReplacesAFileWhenCreatingOne) {
  ASSERT_TRUE(layer.open(folder / "a", OpenMode::create));
  EXPECT_EQ(layer.open(folder / "a", OpenMode::create).error().code, ErrorCode::already_exists);
}

TEST_F(PosixLayer, RefusesWhatIsNoRegularFile) {
  ASSERT_EQ(mkfifo((folder / "fifo").c_str(), 0600), 0);
  EXPECT_EQ(layer.open(folder / "fifo", OpenMode::read).error().code, ErrorCode::invalid_argument);
  EXPECT_EQ(layer.open(folder.path(), OpenMode::read).error().code, ErrorCode::invalid_argument);
}

TEST_F(PosixLayer, ReservesAndReleasesSpaceBehindTheEnd) {
  const auto file = std::move(*layer.open(folder / "a", OpenMode::create));
  ASSERT_TRUE(file->write_at(0, "hello"));
  ASSERT_TRUE(file->reserve(5, 4 << 20));
  EXPECT_EQ(file->size(), 5U);
  struct stat status = {};
  ASSERT_EQ(stat((folder / "a").c_str(), &status), 0);
  if (status.st_blocks * 512 < (4 << 20)) GTEST_SKIP() << "this file system does not reserve space";
  ASSERT_TRUE(file->release_reserved());
  ASSERT_EQ(stat((folder / "a").c_str(), &status), 0);
  EXPECT_LT(status.st_blocks * 512, 1 << 20);
  EXPECT_EQ(file->size(), 5U);
}

TEST_F(PosixLayer, LocksAgainstASecondHolder) {
  auto first = layer.lock(folder / "lock");
  ASSERT_TRUE(first);
  const auto second = layer.lock(folder / "lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, ErrorCode::locked);
  first->reset();
  EXPECT_TRUE(layer.lock(folder / "lock"));
}

TEST_F(PosixLayer, SaysWhatIsMissing) {
  const auto missing = layer.open(folder / "none", OpenMode::read);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, ErrorCode::not_found);
  EXPECT_NE(missing.error().to_string().find("none: cannot open: No such file"), std::string::npos);
  EXPECT_EQ(layer.list(folder / "none").error().code, ErrorCode::not_found);
}

}  // namespace
}  // namespace towl

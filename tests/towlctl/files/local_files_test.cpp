#include "files/local_files.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <fstream>

#include "session/session.hpp"
#include "support/temp_folder.hpp"

namespace towlctl {
namespace {

namespace fs = std::filesystem;
using Paths = std::vector<fs::path>;

class LocalFiles : public testing::Test {
 protected:
  LocalFiles() {
    for (const char* name : {"10.towl", "2.towl", "1.towl", "1.towl.torn", "007.towl", "store.lock"}) {
      std::ofstream(folder_ / name) << "x";
    }
  }
  towl::test::TempFolder folder_;
};

TEST_F(LocalFiles, AStoresFilesComeByTheirIds) {
  EXPECT_EQ(*find_files(folder_.path(), {}), (Paths{folder_ / "1.towl", folder_ / "2.towl", folder_ / "10.towl"}));
  EXPECT_EQ(find_files("/elsewhere", {folder_.path()})->size(), 3u);
}

TEST_F(LocalFiles, ANumberIsAnIdAndAnythingElseAPath) {
  EXPECT_EQ(*find_files(folder_.path(), {"10", folder_ / "1.towl.torn"}),
            (Paths{folder_ / "10.towl", folder_ / "1.towl.torn"}));
  EXPECT_EQ(find_files(folder_.path(), {"3"}).error().code, towl::ErrorCode::not_found);
  EXPECT_EQ(find_files(folder_.path(), {"nothing.towl"}).error().code, towl::ErrorCode::not_found);
  EXPECT_EQ(find_files(folder_ / "none", {}).error().code, towl::ErrorCode::not_found);
}

TEST_F(LocalFiles, NamesAreShort) {
  EXPECT_EQ(short_name("/a/b/12.towl"), "12");
  EXPECT_EQ(short_name("/a/b/012.towl"), "/a/b/012.towl");
}

TEST(DefaultStore, IsInTheUsersDataAndCannotLeaveIt) {
  unsetenv("TOWL_STORE");
  unsetenv("XDG_DATA_HOME");
  setenv("HOME", "/home/u", 1);
  EXPECT_EQ(default_store("logs:50011"), "/home/u/.local/share/towl/logs:50011");
  EXPECT_EQ(default_store("../../etc"), "/home/u/.local/share/towl/.._.._etc");
  EXPECT_EQ(default_store(".."), "/home/u/.local/share/towl/.._");
  EXPECT_EQ(default_store("[::1]:5"), "/home/u/.local/share/towl/_::1_:5");
  setenv("XDG_DATA_HOME", "/data", 1);
  EXPECT_EQ(default_store("a"), "/data/towl/a");
  setenv("TOWL_STORE", "/mirror", 1);
  EXPECT_EQ(default_store("a"), "/mirror");
}

}  // namespace
}  // namespace towlctl

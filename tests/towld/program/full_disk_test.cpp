// A collector whose disk is full refuses, loses nothing it acknowledged, and goes on by itself when there is room.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {
namespace {

/// A file system in memory of a few megabytes. Mounting takes rights that not every machine gives.
class SmallDisk {
 public:
  explicit SmallDisk(const char* options) {
    mounted_ = mount("towl-test", folder_.path().c_str(), "tmpfs", 0, options) == 0;
    if (!mounted_) reason_ = std::strerror(errno);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) umount2(folder_.path().c_str(), MNT_DETACH);
  }
  bool mounted() const { return mounted_; }
  const std::filesystem::path& path() const { return folder_.path(); }
  const std::string& reason() const { return reason_; }
  std::filesystem::path operator/(const char* name) const { return folder_ / name; }

 private:
  TempFolder folder_;
  bool mounted_ = false;
  std::string reason_;
};

TEST(FullDisk, NothingAcknowledgedIsLostAndWritingResumes) {
  const SmallDisk disk("size=12m");
  if (!disk.mounted()) GTEST_SKIP() << "needs a tmpfs, which cannot be mounted here: " << disk.reason();
  std::ofstream(disk / "ballast") << std::string(4 << 20, 'x');
  Collector collector(disk / "store");
  std::mt19937 random(17);
  std::string text(1000, '\0');
  std::vector<Entry> acknowledged;
  const auto send = [&] {
    std::vector<Entry> entries;
    for (std::size_t i = 0; i < 100; ++i) {
      // What compresses does not fill a disk.
      for (char& byte : text) byte = static_cast<char>(random());
      entries.emplace_back("host", static_cast<Timestamp>(acknowledged.size() + i), LogFormat::text, text);
    }
    const Appended appended = append(collector.stub(), {make_request(entries)});
    if (appended.responses.size() == 1) acknowledged.insert(acknowledged.end(), entries.begin(), entries.end());
    return appended.status;
  };
  grpc::Status status;
  for (int i = 0; i < 200 && status.ok(); ++i) status = send();
  ASSERT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED) << status.error_message();
  EXPECT_THAT(status.error_message(), testing::HasSubstr("No space left"));
  EXPECT_GT(acknowledged.size(), 1000u);
  // Readers are served all the while.
  v1::PullRequest request;
  request.set_file_id(1);
  EXPECT_EQ(pull(collector.stub(), request).count, acknowledged.size());
  EXPECT_EQ(send().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);

  std::filesystem::remove(disk / "ballast");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(send().ok());
  EXPECT_EQ(collector.stop(), 0);
  const auto store = Store::open(disk / "store");
  EXPECT_EQ(as_sent(read_all(*store)), acknowledged);
}

// Not by permissions: tests may run as root, and permissions do not stop root.
TEST(ReadOnlyDisk, IsOneClearLine) {
  const SmallDisk disk("size=4m");
  if (!disk.mounted()) GTEST_SKIP() << "needs a tmpfs, which cannot be mounted here: " << disk.reason();
  ASSERT_EQ(mount(nullptr, disk.path().c_str(), nullptr, MS_REMOUNT | MS_RDONLY, nullptr), 0);
  const auto refused =
      run({TOWLD_PROGRAM, "--store", disk / "store", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(std::count(refused.err.begin(), refused.err.end(), '\n'), 1) << refused.err;
  EXPECT_THAT(refused.err, testing::HasSubstr("Read-only file system"));
}

TEST(FullDisk, AStartOnAFullDiskWaitsForRoomToo) {
  const SmallDisk disk("size=1m");
  if (!disk.mounted()) GTEST_SKIP() << "needs a tmpfs, which cannot be mounted here: " << disk.reason();
  std::filesystem::create_directory(disk / "store");
  std::ofstream(disk / "ballast") << std::string(2 << 20, 'x');
  Collector collector(disk / "store");
  const auto request = make_request(numbered_entries(0, 10));
  EXPECT_EQ(append(collector.stub(), {request}).status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  std::filesystem::remove(disk / "ballast");
  EXPECT_TRUE(append(collector.stub(), {request}).status.ok());
  EXPECT_EQ(list(collector.stub())[0].count(), 10u);
}

}  // namespace
}  // namespace towl::test

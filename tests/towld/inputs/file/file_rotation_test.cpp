// Files are renamed, truncated, removed and replaced under the input: lines are neither lost nor stored twice.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <algorithm>

#include "inputs/file/file_identity.hpp"
#include "inputs/file/file_watcher.hpp"
#include "towld/inputs/file/file_input_fixture.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;
using towl::test::eventually;

class FileRotationTest : public FileInputTest {
 protected:
  FileRotationTest() { config_.rotate_wait_ns = 200'000'000; }

  std::uint64_t inode(const std::string& name) const {
    const auto status = status_of(path(name).c_str());
    EXPECT_TRUE(status) << name;
    return status ? status->identity.inode : 0;
  }
};

TEST_F(FileRotationTest, ARenamedFileIsReadToItsEndBeforeTheNewOne) {
  append("a.log", "1\n");
  start();
  wait_for(1);
  {
    const Held held(*ingest_);
    append("a.log", "2\n3\n");
    fs::rename(path("a.log"), path("a.log.1"));
    append("a.log", "5\n");
    append("a.log.1", "4\n");
  }
  EXPECT_THAT(wait_for(5), ElementsAre("1", "2", "3", "4", "5"));
}

TEST_F(FileRotationTest, ANewFileWaitsHoweverLongTheOldOneIs) {
  append("a.log", "first\n");
  start();
  wait_for(1);
  std::string bytes;
  std::size_t lines = 0;
  for (; bytes.size() < 4 * kMaxFileBytesInFlight; ++lines) bytes += "a line of the old file\n";
  {
    const Held held(*ingest_);
    append("a.log", bytes);
    fs::rename(path("a.log"), path("a.log.1"));
    append("a.log", "new\n");
    ASSERT_TRUE(eventually([&] { return status("a.log").state == "gone" || status().files.size() == 2; }));
    append("b.log", "beside\n");
    ASSERT_TRUE(eventually([&] { return status("b.log").offset == 7; }));
  }
  const auto stored = wait_for(lines + 3);
  ASSERT_EQ(stored.size(), lines + 3);
  EXPECT_EQ(stored.back(), "new");
}

TEST_F(FileRotationTest, AFileThatIsRenamedWithinThePatternIsReadOnce) {
  config_.include = {(logs_.path() / "a.log*").string()};
  std::ofstream writer(path("a.log"), std::ios::app);
  start();
  std::vector<std::string> expected;
  for (int i = 0; i < 50; ++i) {
    expected.push_back(std::to_string(i));
    writer << i << '\n' << std::flush;
    if (i % 5 != 4) continue;
    for (int n = 20; n > 0; --n) {
      std::error_code none;
      fs::rename(path("a.log." + std::to_string(n)), path("a.log." + std::to_string(n + 1)), none);
    }
    fs::rename(path("a.log"), path("a.log.1"));
    writer = std::ofstream(path("a.log"), std::ios::app);
  }
  // Renaming twenty files takes a moment, in which a scan may find the newer of two first.
  EXPECT_THAT(wait_for(expected.size()), testing::UnorderedElementsAreArray(expected));
  EXPECT_EQ(counters_->lost_in_source, 0u);
}

TEST_F(FileRotationTest, AFileThatWasRenamedWhileNobodyLookedIsReadToItsEnd) {
  append("a.log", "1\n");
  start();
  wait_for(1);
  stop();
  append("a.log", "2\n");
  fs::rename(path("a.log"), path("a.log.1"));
  append("a.log", "3\n");
  restart();
  EXPECT_THAT(wait_for(3), ElementsAre("1", "2", "3"));
}

TEST_F(FileRotationTest, ATruncatedFileIsReadFromItsBeginning) {
  append("a.log", "one\ntwo\n");
  start();
  wait_for(2);
  fs::resize_file(path("a.log"), 0);
  append("a.log", "3\n");
  EXPECT_THAT(wait_for(3), ElementsAre("one", "two", "3"));
  fs::resize_file(path("a.log"), 0);
  append("a.log", "four, and past the old end\n");
  EXPECT_THAT(wait_for(4), ElementsAre("one", "two", "3", "four, and past the old end"));
  restart();
  append("a.log", "five\n");
  EXPECT_THAT(wait_for(5), ElementsAre("one", "two", "3", "four, and past the old end", "five"));
  EXPECT_EQ(counters_->lost_in_source, 0u);
}

TEST_F(FileRotationTest, AFileThatWasTruncatedAndGrewPastItsOldEndUnseenIsReadFromItsBeginning) {
  append("a.log", "one\n");
  start();
  wait_for(1);
  stop();
  fs::resize_file(path("a.log"), 0);
  append("a.log", "other\nlines\n");
  restart();
  EXPECT_THAT(wait_for(3), ElementsAre("one", "other", "lines"));
}

// As a JVM starts its gc.log again: the same lines first.
TEST_F(FileRotationTest, AFileThatIsOverwrittenWithTheSameBeginningAndMoreIsReadFromItsBeginning) {
  std::string head;
  for (int i = 0; i < 40; ++i) head += "# setting number " + std::to_string(i) + " of this program\n";
  ASSERT_GT(head.size(), config_.fingerprint_bytes);
  const auto overwrite = [&](const std::string& name, int lines) {
    std::string text = head;
    for (int i = 0; i < lines; ++i) text += name + std::to_string(i) + std::string(60, '.') + "\n";
    std::ofstream(path("a.log"), std::ios::binary | std::ios::trunc) << text;
  };
  overwrite("a", 5);
  start();
  wait_for(45);
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", fs::file_size(path("a.log"))); }));
  {
    const Held held(*ingest_);  // While it runs.
    overwrite("b", 12);
  }
  EXPECT_EQ(wait_for(97).size(), 97u);
  stop();
  overwrite("c", 20);  // While it does not.
  restart();
  const auto stored = wait_for(157);
  ASSERT_EQ(stored.size(), 157u);
  EXPECT_TRUE(stored.back().starts_with("c19"));
  append("a.log", "more\n");
  EXPECT_EQ(wait_for(158).size(), 158u) << "and it goes on as usual";
  restart();
  append("a.log", "and more\n");
  EXPECT_EQ(wait_for(159).back(), "and more");
  EXPECT_EQ(texts().size(), 159u);
}

TEST_F(FileRotationTest, AHoleAtTheBeginningOfAFileThatIsFirstSeenIsNoText) {
  append("a.log", "");
  fs::resize_file(path("a.log"), 3 << 20);
  append("a.log", "after hole\nnext\n");
  start();
  EXPECT_THAT(wait_for(2), ElementsAre("after hole", "next"));
  restart();
  append("a.log", "last\n");
  EXPECT_THAT(wait_for(3), ElementsAre("after hole", "next", "last"));
}

TEST_F(FileRotationTest, WhatVanishedUnreadIsCounted) {
  append("a.log", std::string(10, '.') + "\n");
  start();
  wait_for(1);
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", 11); }));
  {
    const Held held(*ingest_);
    std::string bytes;
    while (bytes.size() < 3 * kMaxFileBytesInFlight) bytes += "0123456789\n";
    append("a.log", bytes);
    ASSERT_TRUE(eventually([&] {
      const auto file = status("a.log");
      return file.bytes_in_flight >= kMaxFileBytesInFlight && file.size == bytes.size() + 11;
    }));
    fs::resize_file(path("a.log"), 0);
    append("a.log", "new\n");
  }
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", 4); }));
  const auto stored = texts();
  EXPECT_EQ(stored.back(), "new");
  const std::uint64_t read = (stored.size() - 1) * 11;
  EXPECT_EQ(counters_->lost_bytes_in_source, 3 * kMaxFileBytesInFlight + 11 - 3 * kMaxFileBytesInFlight % 11 +
                                                 (3 * kMaxFileBytesInFlight % 11 == 0 ? 0 : 11) - read)
      << stored.size();
  EXPECT_EQ(counters_->lost_in_source, counters_->lost_bytes_in_source / 11);
}

// The writer does not append: after the truncation it goes on where it was, after a hole.
TEST_F(FileRotationTest, TheHoleInFrontOfAWriterThatDoesNotAppendIsNoText) {
  const int file = ::open(path("a.log").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(file, 0);
  const std::string before(100'000, 'x');
  ASSERT_EQ(::write(file, (before + "\n").data(), 100'001), 100'001);
  start();
  wait_for(1);
  ASSERT_EQ(::ftruncate(file, 0), 0);
  ASSERT_EQ(::write(file, "behind\n", 7), 7);
  ::close(file);
  EXPECT_THAT(wait_for(2), ElementsAre(before, "behind"));
}

TEST_F(FileRotationTest, ADeletedFileIsReadToItsEndAndTheNextOneFromItsBeginning) {
  append("a.log", "1\n");
  start();
  wait_for(1);
  {
    const Held held(*ingest_);
    std::ofstream writer(path("a.log"), std::ios::app);
    writer << "2\n" << std::flush;
    ASSERT_TRUE(eventually([&] { return status("a.log").offset == 4; }));
    fs::remove(path("a.log"));
    append("a.log", "4\n");
    writer << "3\n" << std::flush;
  }
  EXPECT_THAT(wait_for(4), UnorderedElementsAre("1", "2", "3", "4"));
}

// File systems give the inode of a removed file to the next one.
TEST_F(FileRotationTest, AReusedInodeIsNotMistaken) {
  append("a.log", "the first file\n");
  start();
  wait_for(1);
  stop();
  const std::uint64_t before = inode("a.log");
  bool reused = false;
  for (int i = 0; i < 100 && !reused; ++i) {
    fs::remove(path("a.log"));
    append("a.log", "another, longer file\n");
    reused = inode("a.log") == before;
  }
  restart();
  EXPECT_THAT(wait_for(2), ElementsAre("the first file", "another, longer file"));
  if (!reused) GTEST_SKIP() << "this file system did not reuse the inode";
}

TEST_F(FileRotationTest, AReusedInodeWithTheSameBeginningIsToldByItsBirth) {
  append("a.log", "header\n");
  const auto status = status_of(path("a.log").c_str());
  ASSERT_TRUE(status);
  if (status->born_ns == 0) GTEST_SKIP() << "this file system does not know when files were born";
  start();
  wait_for(1);
  stop();
  const std::uint64_t before = inode("a.log");
  bool reused = false;
  for (int i = 0; i < 100 && !reused; ++i) {
    fs::remove(path("a.log"));
    append("a.log", "header\nmore\n");
    reused = inode("a.log") == before;
  }
  restart();
  EXPECT_THAT(wait_for(3), ElementsAre("header", "header", "more"));
}

TEST_F(FileRotationTest, ACompressedCopyIsNeverRead) {
  config_.include = {(logs_.path() / "a.log*").string()};
  append("a.log", "1\n2\n");
  start();
  wait_for(2);
  fs::rename(path("a.log"), path("a.log.1"));
  append("a.log", "3\n");
  wait_for(3);
  ASSERT_EQ(towl::test::run({"/bin/gzip", path("a.log.1").string()}).code, 0);
  append("a.log", "4\n");
  EXPECT_THAT(wait_for(4), ElementsAre("1", "2", "3", "4"));
  ASSERT_TRUE(eventually([&] { return status("a.log.1.gz").state == "ignored"; }));
  EXPECT_EQ(texts().size(), 4u);
}

TEST_F(FileRotationTest, ALinkThatIsFlippedLeadsToTheNextFile) {
  append("first", "1\n");
  append("second", "3\n");
  fs::create_symlink("first", path("a.log"));
  start();
  wait_for(1);
  append("first", "2\n");
  wait_for(2);
  fs::create_symlink("second", path("next"));
  fs::rename(path("next"), path("a.log"));
  wait_for(3);
  append("second", "4\n");
  EXPECT_THAT(wait_for(4), ElementsAre("1", "2", "3", "4"));
}

TEST_F(FileRotationTest, ALastLineWithoutEndIsTakenOnceTheFileIsGoneForLong) {
  append("a.log", "1\nno end");
  start();
  wait_for(1);
  fs::rename(path("a.log"), path("a.log.1"));
  append("a.log", "2\n");
  EXPECT_EQ(wait_for(3).back(), "no end");
  // What is gone is forgotten with the next batch.
  ASSERT_TRUE(eventually([&] { return status().files.size() == 1; }));
  append("a.log", "3\n");
  wait_for(4);
  stop();
  EXPECT_EQ(std::ranges::count_if(ingest_->positions(),
                                  [](const auto& position) { return position.source.starts_with("file/"); }),
            1);
}

TEST_F(FileRotationTest, JoinedLinesAreNotTornByARotation) {
  config_.multiline = {.start_pattern = "^[A-Z]", .timeout_ns = 100'000'000};
  append("a.log", "First\n one\n");
  start();
  ASSERT_TRUE(eventually([&] { return status("a.log").offset == 11; }));
  {
    const Held held(*ingest_);
    append("a.log", "Second\n");
    fs::rename(path("a.log"), path("a.log.1"));
    append("a.log", "Third\nFourth\n");
    append("a.log.1", " two\n");
  }
  EXPECT_THAT(wait_for(4), ElementsAre("First\n one", "Second\n two", "Third", "Fourth"));
}

TEST_F(FileRotationTest, LinesThatWaitForMoreAreStoredWhenTheFileIsTruncated) {
  config_.multiline = {.start_pattern = "^[A-Z]", .timeout_ns = std::int64_t{3600} * 1'000'000'000};
  append("a.log", "First\n one\n");
  start();
  ASSERT_TRUE(eventually([&] { return status("a.log").offset == 11; }));
  fs::resize_file(path("a.log"), 0);
  append("a.log", "Next\nLast\n");
  EXPECT_THAT(wait_for(2), ElementsAre("First\n one", "Next"));
}

TEST_F(FileRotationTest, ALastLineThatIsTakenBackLeavesTheOthersAlone) {
  append("a.log", "one\n" + std::string(50'000, 'x'));
  start();
  wait_for(1);
  ASSERT_TRUE(eventually([&] { return status("a.log").size == 50'004; }));
  fs::resize_file(path("a.log"), 4);
  append("a.log", "two\n");
  EXPECT_THAT(wait_for(2), ElementsAre("one", "two"));
}

/// Few files may be open.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t most) {
    ::getrlimit(RLIMIT_NOFILE, &before_);
    const rlimit few{most, before_.rlim_max};
    ::setrlimit(RLIMIT_NOFILE, &few);
  }
  ~FewDescriptors() { ::setrlimit(RLIMIT_NOFILE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(FileRotationTest, AFileThatWasClosedIsFoundUnderItsNewName) {
  const FewDescriptors few(64);
  constexpr std::size_t kFiles = 40;
  for (std::size_t i = 0; i < kFiles; ++i) append(std::to_string(i) + ".log", "early\n");
  start();
  wait_for(kFiles);
  EXPECT_LE(status().open_files, 16u);
  for (std::size_t i = 0; i < kFiles; ++i) {
    append(std::to_string(i) + ".log", "late\n");
    fs::rename(path(std::to_string(i) + ".log"), path(std::to_string(i) + ".old"));
  }
  EXPECT_EQ(wait_for(2 * kFiles).size(), 2 * kFiles);
}

// Events are lost when too many wait: all is looked at then.
TEST_F(FileRotationTest, TooManyEventsAreNoReasonToMissAny) {
  FileWatcher watcher;
  if (watcher.descriptor() < 0) GTEST_SKIP() << "no inotify here";
  std::ofstream a(path("a.log"));
  std::ofstream b(path("b.log"));
  ASSERT_TRUE(watcher.watch_folders({logs_.path().string()}).all);
  const Descriptor open_a(::open(path("a.log").c_str(), O_RDONLY | O_CLOEXEC));
  const Descriptor open_b(::open(path("b.log").c_str(), O_RDONLY | O_CLOEXEC));
  ASSERT_TRUE(watcher.watch_file(open_a.get(), 1));
  ASSERT_TRUE(watcher.watch_file(open_b.get(), 2));
  FileWatcher::Changes changes;
  a << "1" << std::flush;
  watcher.read(changes);
  EXPECT_THAT(changes.files, ElementsAre(1u));
  EXPECT_FALSE(changes.everything);
  long events = 16'384;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> events;
  for (long i = 0; i < events; ++i) {
    a << "1" << std::flush;
    b << "2" << std::flush;
  }
  changes = {};
  watcher.read(changes);
  EXPECT_TRUE(changes.everything);
  EXPECT_TRUE(changes.folders);
}

}  // namespace
}  // namespace towld

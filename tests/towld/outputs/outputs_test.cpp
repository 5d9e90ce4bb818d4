// What is stored is also printed elsewhere, once and in order, and printing never holds up storing.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "towld/outputs/output_fixture.hpp"

namespace towld {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using towl::test::eventually;

TEST_F(OutputTest, EveryEntryIsPrintedOnceInOrderOverAllFiles) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 250);
  const auto output = start_file(path);
  EXPECT_TRUE(has(path, expected(0, 250)));
  for (std::uint64_t i = 250; i < 500; ++i) store_numbered(i, 1);
  EXPECT_TRUE(has(path, expected(0, 500)));
  EXPECT_TRUE(eventually([&] { return output->status().entries == 500; }));
}

TEST_F(OutputTest, FromTheEndOnWhatIsThereIsNotPrinted) {
  const std::string path = (folder_ / "out").string();
  for (const std::uint64_t before : {0, 50, 100, 175}) {
    SCOPED_TRACE(before);
    std::filesystem::remove(path);
    store_numbered(0, before % 100 == 0 ? before : 25);
    // Another name: one that was there before goes on where it was.
    const auto output = start_file(path, ReadFrom::end, "o" + std::to_string(before));
    store_numbered(1000, 120);
    EXPECT_TRUE(has(path, expected(1000, 120)));
    output->stop();
  }
}

TEST_F(OutputTest, AFileThatIsMovedOrRemovedIsOpenedAgain) {
  const std::string path = (folder_ / "out").string();
  const auto output = start_file(path);
  store_numbered(0, 10);
  ASSERT_TRUE(has(path, expected(0, 10)));
  std::filesystem::rename(path, path + ".1");
  store_numbered(10, 10);
  EXPECT_TRUE(has(path, expected(10, 10)));
  EXPECT_EQ(contents(path + ".1"), expected(0, 10));
  std::filesystem::remove(path);
  store_numbered(20, 10);
  EXPECT_TRUE(has(path, expected(20, 10)));
  output->stop();
  // One that is there is appended to.
  const auto other = start_file(path, ReadFrom::end);
  store_numbered(30, 10);
  EXPECT_TRUE(has(path, expected(20, 20)));
}

TEST_F(OutputTest, AFullDiskIsWaitedFor) {
  const std::string path = (folder_ / "out").string();
  std::filesystem::create_symlink("/dev/full", path);
  const auto output = start_file(path);
  store_numbered(0, 300);
  EXPECT_TRUE(eventually([&] { return output->status().error != ""; }));
  std::filesystem::remove(path);
  EXPECT_TRUE(has(path, expected(0, 300)));
  EXPECT_TRUE(eventually([&] { return output->status().error == ""; }));
}

TEST_F(OutputTest, AReaderThatDoesNotReadHoldsUpNothingButItself) {
  open_pipe();
  const auto output = start(OutputFormat::console);
  for (std::uint64_t i = 0; i < 20; ++i) store_numbered(i * 1000, 1000);
  EXPECT_EQ(store_.ingest().counters().stored, 20'000u);
  // It stops though its reader still does not read.
  output->stop();
  close_end(1);
  std::string printed(1 << 20, '\0');
  std::size_t size = 0;
  for (ssize_t n = 0; (n = ::read(pipe_[0], printed.data() + size, printed.size() - size)) > 0;) {
    size += static_cast<std::size_t>(n);
  }
  printed.resize(size);
  const auto lines = lines_of(printed);
  ASSERT_GT(lines.size(), 100u);
  for (std::uint64_t i = 0; i + 1 < lines.size(); ++i) {
    EXPECT_THAT(lines[i], testing::EndsWith(": " + towl::test::numbered_text(i)));
  }
}

TEST_F(OutputTest, ASlowReaderGetsEverything) {
  open_pipe();
  const auto output = start(OutputFormat::json);
  store_numbered(0, 5000);
  std::string printed;
  std::array<char, 1000> buffer{};
  while (std::count(printed.begin(), printed.end(), '\n') < 5000) {
    const ssize_t n = ::read(pipe_[0], buffer.data(), buffer.size());
    ASSERT_GT(n, 0);
    printed.append(buffer.data(), static_cast<std::size_t>(n));
  }
  const auto lines = lines_of(printed);
  for (std::uint64_t i = 0; i < 5000; ++i) {
    const json entry = json::parse(lines[i]);
    EXPECT_EQ(entry["log_entry"], towl::test::numbered_text(i));
    EXPECT_EQ(entry["ordinal"], i % 100);
    EXPECT_EQ(entry["file_id"], i / 100 + 1);
  }
}

TEST_F(OutputTest, AReaderThatIsGoneEndsTheOutputAlone) {
  open_pipe();
  const auto output = start(OutputFormat::json);
  close_end(0);
  store_numbered(0, 10);
  EXPECT_TRUE(eventually([&] { return output->status().error != ""; }));
  store_numbered(10, 1000);
  EXPECT_EQ(store_.ingest().counters().stored, 1010u);
}

TEST_F(OutputTest, FilesThatRetentionRemovedFirstArePassedOverAndCounted) {
  const std::string path = (folder_ / "out").string();
  std::filesystem::create_symlink("/dev/full", path);
  const auto output = start_file(path);
  // More than the buffer takes, so that the rest waits in the store.
  std::vector<towl::Entry> entries;
  for (int i = 0; i < 450; ++i) {
    entries.emplace_back("a", 1, towl::LogFormat::text, std::to_string(i) + std::string(1000, '.'));
  }
  store(entries);
  EXPECT_TRUE(eventually([&] { return output->status().error != ""; }));
  std::promise<std::size_t> removed;
  ASSERT_TRUE(store_.ingest().run([&](towl::StoreWriter& writer) -> std::function<void()> {
    const auto files = writer.retain({.max_bytes = 1});
    return [&removed, count = files ? files->size() : 0] { removed.set_value(count); };
  }));
  ASSERT_GE(removed.get_future().get(), 3u);
  std::filesystem::remove(path);
  EXPECT_TRUE(eventually([&] { return contents(path).find("\n449.") != std::string::npos; }));
  EXPECT_GT(output->status().missed_files, 0u);
  int last = -1;
  for (const std::string& line : lines_of(contents(path))) {
    const int number = std::stoi(line);
    EXPECT_GT(number, last);
    last = number;
  }
}

TEST_F(OutputTest, AFolderThatIsNotThereIsAnErrorAtTheStart) {
  const auto started = FollowingOutput::start(
      context(), ReadFrom::end,
      std::make_unique<TextSink>(OutputFormat::json, Target::file((folder_ / "none" / "out").string())));
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("none/out"));
}

}  // namespace
}  // namespace towld

// Files are read as they grow, and every line is stored once.
#include <sys/stat.h>
#include <unistd.h>

#include "parse/make_parsers.hpp"
#include "towl/memory_file_layer.hpp"
#include "towld/inputs/file/file_input_fixture.hpp"

namespace towld {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using towl::test::eventually;

TEST_F(FileInputTest, ReadsWhatIsThereAndWhatFollows) {
  append("a.log", "one\ntwo\n");
  start();
  EXPECT_THAT(wait_for(2), ElementsAre("one", "two"));
  append("a.log", "three\r\nfo");
  EXPECT_THAT(wait_for(3), ElementsAre("one", "two", "three"));
  append("a.log", "ur\n");
  EXPECT_THAT(wait_for(4), ElementsAre("one", "two", "three", "four"));
  const auto stored = entries();
  EXPECT_EQ(stored[0].sender, "host");
  EXPECT_EQ(stored[0].log_format, towl::LogFormat::text);
  EXPECT_GT(stored[0].received, 0);
  EXPECT_EQ(counters_->received, 4u);
  EXPECT_EQ(counters_->bytes, 20u);
}

TEST_F(FileInputTest, FilesThatTurnUpAreRead) {
  config_.include = {(logs_.path() / "**" / "*.log").string(), (logs_.path() / "not" / "yet" / "x.txt").string()};
  start();
  append("a.log", "a\n");
  wait_for(1);
  fs::create_directories(path("new/deep"));
  append("new/deep/b.log", "b\n");
  wait_for(2);
  fs::create_directories(path("not/yet"));
  append("not/yet/x.txt", "x\n");
  EXPECT_THAT(wait_for(3), ElementsAre("a", "b", "x"));
}

TEST_F(FileInputTest, LabelsAreAdded) {
  labels_ = std::make_shared<const std::vector<Field>>(std::vector<Field>{{"app", "nginx"}});
  append("a.log", "one \"quoted\"\n");
  start();
  EXPECT_THAT(wait_for(1), ElementsAre(R"({"MESSAGE":"one \"quoted\"","app":"nginx"})"));
}

TEST_F(FileInputTest, FiveHundredFilesAreReadByOneThreadWithFewOpen) {
  constexpr int kFiles = 500;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < kFiles; ++i) append(std::to_string(i) + ".log", std::to_string(round) + "\n");
    if (round == 0) start();
    wait_for(static_cast<std::size_t>(kFiles * (round + 1)));
  }
  EXPECT_EQ(texts().size(), 3u * kFiles);
  EXPECT_EQ(status().files.size(), static_cast<std::size_t>(kFiles));
  EXPECT_LE(status().open_files, open_files_limit());
}

TEST_F(FileInputTest, GoesOnWhereTheStoreEnds) {
  append("a.log", "one\ntwo\nthr");
  start();
  wait_for(2);
  restart();
  append("a.log", "ee\n");
  wait_for(3);
  restart();
  append("b.log", "new\n");
  EXPECT_THAT(wait_for(4), ElementsAre("one", "two", "three", "new"));
}

// A file that is larger than a batch, a queue, and what may be in flight.
TEST_F(FileInputTest, APositionIsTheFilesWhateverTheInputIsCalled) {
  append("a.log", "1\n2\n");
  start();
  wait_for(2);
  name_ = "renamed";
  restart();
  append("a.log", "3\n");
  EXPECT_THAT(wait_for(3), ElementsAre("1", "2", "3"));
  // And another input, with other patterns, that is in its place.
  stop();
  fs::create_directory(path("other"));
  append("other/b.log", "b\n");
  config_.include = {path("**/*.log").string()};
  restart();
  append("a.log", "4\n");
  EXPECT_THAT(wait_for(5), UnorderedElementsAre("1", "2", "3", "4", "b"));
}

TEST_F(FileInputTest, AFileThatTwoInputsWantIsReadOnce) {
  append("a.log", "1\n");
  start();
  wait_for(1);
  auto other_context = context();
  other_context.name = "other";
  auto other = FileInput::start(config_, other_context);
  ASSERT_TRUE(other);
  append("a.log", "2\n");
  EXPECT_THAT(wait_for(2), ElementsAre("1", "2"));
  const auto why = [&] {
    const auto status = (*other)->status();
    for (const auto& [file, reason] : status.files->ignored) {
      if (file == path("a.log").string()) return reason;
    }
    return std::string();
  };
  ASSERT_TRUE(eventually([&] { return why() == "input test reads it"; })) << why();
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", 4); }));
  // Once the first one is gone, the other goes on where that was.
  stop();
  append("a.log", "3\n");
  EXPECT_THAT(wait_for(3), ElementsAre("1", "2", "3"));
  (*other)->stop();
  EXPECT_THAT(texts(), ElementsAre("1", "2", "3"));
}

// What another input read is not "from before", and this input does not care about its renamed files.
TEST_F(FileInputTest, FilesOfOtherInputsAreLeftToThem) {
  append("a.log", "1\n");
  start();
  wait_for(1);
  stop();
  fs::create_directory(path("other"));
  append("other/b.log", "old\n");
  fs::rename(path("a.log"), path("a.log.1"));
  append("a.log.1", "2\n");
  config_.include = {path("other/*.log").string()};
  config_.read_from = ReadFrom::end;
  name_ = "other";
  restart();
  ASSERT_TRUE(eventually([&] { return status("other/b.log").state == "at_end"; }));
  append("other/b.log", "new\n");
  EXPECT_THAT(wait_for(2), ElementsAre("1", "new"));
  EXPECT_EQ(status().missing, 0u);
}

TEST_F(FileInputTest, LargeFilesAreStoredInOrderAndOnce) {
  constexpr std::size_t kLines = 400'000;
  std::string bytes;
  for (std::size_t i = 0; i < kLines; ++i) bytes += "line number " + std::to_string(i) + " of a large file\n";
  append("a.log", bytes);
  append("b.log", "small\n");
  start();
  const auto stored = wait_for(kLines + 1);
  ASSERT_EQ(stored.size(), kLines + 1);
  std::size_t next = 0;
  for (const std::string& text : stored) {
    if (text == "small") continue;
    ASSERT_EQ(text, "line number " + std::to_string(next++) + " of a large file");
  }
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", bytes.size()); }));
  EXPECT_EQ(status("a.log").bytes_in_flight, 0u);
}

TEST_F(FileInputTest, StoppingAtAnyMomentLosesAndRepeatsNothing) {
  constexpr std::size_t kLines = 60'000;
  std::string bytes;
  for (std::size_t i = 0; i < kLines; ++i) bytes += std::to_string(i) + "\n";
  append("a.log", bytes);
  start();
  for (int i = 0; i < 10; ++i) restart();
  const auto stored = wait_for(kLines);
  ASSERT_EQ(stored.size(), kLines);
  for (std::size_t i = 0; i < kLines; ++i) ASSERT_EQ(stored[i], std::to_string(i));
}

TEST_F(FileInputTest, FromTheEndMeansWhatIsWrittenSinceTheFirstStart) {
  config_.read_from = ReadFrom::end;
  append("a.log", "old\n");
  append("quiet.log", "old\n");
  start();
  ASSERT_TRUE(eventually([&] { return status("a.log").offset == 4; }));
  append("a.log", "new\n");
  append("b.log", "appeared\n");
  EXPECT_THAT(wait_for(2), UnorderedElementsAre("new", "appeared"));
  stop();
  append("quiet.log", "while away\n");
  append("c.log", "appeared while away\n");
  restart();
  EXPECT_THAT(wait_for(4), UnorderedElementsAre("new", "appeared", "while away", "appeared while away"));
}

TEST_F(FileInputTest, OldFilesAreReadOnceTheyGrow) {
  config_.ignore_older_ns = std::int64_t{3600} * 1'000'000'000;
  append("a.log", "old\n");
  fs::last_write_time(path("a.log"), fs::file_time_type::clock::now() - 2h);
  start();
  ASSERT_TRUE(eventually([&] { return why_ignored("a.log") == "older than ignore_older"; }));
  append("a.log", "new\n");
  EXPECT_THAT(wait_for(2), ElementsAre("old", "new"));
}

TEST_F(FileInputTest, SaysWhyAFileIsNotRead) {
  config_.include = {(logs_.path() / "*").string(), (store_.path() / "*").string()};
  config_.exclude = {"*.bak"};
  append("a.bak", "x\n");
  append("a.gz", "\x1F\x8B\x08 and so on\nand on\n");
  append("a.log", "one\n");
  fs::create_hard_link(path("a.log"), path("b.log"));
  fs::create_symlink(path("a.log"), path("c.log"));
  ASSERT_EQ(::mkfifo(path("pipe").c_str(), 0600), 0);
  start();
  EXPECT_THAT(wait_for(1), ElementsAre("one"));
  ASSERT_TRUE(eventually([&] { return status("a.gz").state == "ignored"; }));
  EXPECT_THAT(status("a.gz").why, HasSubstr("gzip"));
  EXPECT_EQ(why_ignored("a.bak"), "excluded by the configuration");
  EXPECT_EQ(why_ignored("pipe"), "not a regular file");
  EXPECT_EQ(why_ignored("b.log"), "the same file as " + path("a.log").string());
  EXPECT_EQ(why_ignored("c.log"), "the same file as " + path("a.log").string());
  EXPECT_THAT(status().ignored, testing::Contains(testing::Pair(testing::_, HasSubstr("a file of towld's own store"))));
  EXPECT_EQ(texts().size(), 1u);
}

TEST_F(FileInputTest, AFileThatMayNotBeReadIsReadOnceItMay) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  append("a.log", "one\n");
  ASSERT_EQ(::chmod(path("a.log").c_str(), 0), 0);
  start();
  ASSERT_TRUE(eventually([&] { return status("a.log").state == "unreadable"; }));
  ASSERT_EQ(::chmod(path("a.log").c_str(), 0600), 0);
  EXPECT_THAT(wait_for(1), ElementsAre("one"));
}

TEST_F(FileInputTest, LongLinesAreCutAndSayHowLongTheyWere) {
  config_.max_line_bytes = 10;
  append("a.log", "short\n" + std::string(300'000, 'x') + "\nend\n");
  start();
  EXPECT_THAT(wait_for(3), ElementsAre("short", R"({"MESSAGE":"xxxxxxxxxx","TOWL_ORIGINAL_BYTES":"300000"})", "end"));
  EXPECT_EQ(counters_->cut, 1u);
}

TEST_F(FileInputTest, JoinsLinesAcrossReadsAndInTime) {
  config_.multiline = {.start_pattern = "^[A-Z]", .timeout_ns = 50'000'000};
  start();
  append("a.log", "First\n at one\n");
  append("a.log", " at two\nSecond\n");
  EXPECT_EQ(wait_for(2).size(), 2u);
  EXPECT_THAT(texts(), ElementsAre("First\n at one\n at two", "Second"));
}

TEST_F(FileInputTest, LinesOfContainersAreJoinedAndSayWhereTheyAreFrom) {
  const std::string name = "pods/shop_web-7d5c_0a1b-2c3d/nginx/0.log";
  fs::create_directories(path(name).parent_path());
  const ParserConfig cri{.type = "cri"};
  const ParserConfig multiline{
      .type = "multiline", .settings = Settings::of(MultilineConfig{.preset = "indented", .timeout_ns = 100'000'000})};
  const std::vector<ParserConfig> configs = {cri, multiline};
  auto chain = make_parsers(configs);
  ASSERT_TRUE(chain);
  parsers_ = std::make_shared<const ParserChain>(std::move(*chain));
  config_.include = {path("pods/*/*/*.log").string()};
  append(name,
         "2016-10-06T00:17:09Z stdout P a\n2016-10-06T00:17:09Z stderr F other\n2016-10-06T00:17:09Z stdout F b\n"
         "2016-10-06T00:17:09Z stdout F  more\n");
  start();
  const auto stored = wait_for(2);
  ASSERT_EQ(stored.size(), 2u);
  EXPECT_THAT(stored[1] + stored[0], HasSubstr(R"("MESSAGE":"ab\n more")"));
  for (const std::string& text : stored) {
    EXPECT_THAT(text, HasSubstr(R"("LOG_FILE_PATH":")" + path(name).string() + "\""));
    EXPECT_THAT(text, HasSubstr(R"("k8s.namespace.name":"shop")"));
    EXPECT_THAT(text, HasSubstr(R"("k8s.pod.name":"web-7d5c")"));
    EXPECT_THAT(text, HasSubstr(R"("k8s.container.name":"nginx")"));
  }
  // What waits is read again after a restart; what does not is not.
  append(name,
         "2016-10-06T00:17:10Z stdout P half\n2016-10-06T00:17:10Z stderr F late\n2016-10-06T00:17:10Z stderr F x\n");
  wait_for(3);
  restart();
  append(name, "2016-10-06T00:17:11Z stdout F way\n");
  EXPECT_EQ(wait_for(5).size(), 5u);
  ASSERT_TRUE(eventually(
      [&] { return is_read_to_end(path(name).lexically_relative(logs_.path()).string(), fs::file_size(path(name))); }));
  EXPECT_EQ(texts().size(), 5u);
}

TEST_F(FileInputTest, LinesThatWaitForMoreAreReadAgainAfterARestart) {
  config_.multiline = {.start_pattern = "^[A-Z]", .timeout_ns = std::int64_t{3600} * 1'000'000'000};
  append("a.log", "First\n one\nSecond\n two\n");
  start();
  wait_for(1);
  restart();
  append("a.log", " three\nThird\n");
  EXPECT_THAT(wait_for(2), ElementsAre("First\n one", "Second\n two\n three"));
}

TEST_F(FileInputTest, Utf16WithAByteOrderMarkGoesOnAfterARestart) {
  const auto encoded = [](std::string_view text) {
    std::string bytes;
    for (const char c : text) bytes += {c, '\0'};
    return bytes;
  };
  append("a.log", "\xFF\xFE" + encoded("one\r\n"));
  append("b.log", "\xEF\xBB\xBFmarked\n");
  start();
  wait_for(2);
  restart();
  append("a.log", encoded("two\n"));
  EXPECT_THAT(wait_for(3), UnorderedElementsAre("one", "marked", "two"));
}

TEST_F(FileInputTest, NulsAndBrokenTextAreKept) {
  using namespace std::string_literals;
  append("a.log", "a\0b\xFF\n"s);
  start();
  EXPECT_THAT(wait_for(1), ElementsAre("a\0b\xFF"s));
}

/// Drops texts that begin with '-'.
class DropSome : public Parser {
 public:
  Outcome apply(Draft& draft) const override { return draft.text.starts_with('-') ? Outcome::drop : Outcome::done; }
};

TEST_F(FileInputTest, LinesThatAreFilteredAreNotReadAgain) {
  std::vector<std::unique_ptr<const Parser>> parsers;
  parsers.push_back(std::make_unique<DropSome>());
  parsers_ = std::make_shared<const ParserChain>(std::move(parsers));
  append("a.log", "-1\n-2\n");
  start();
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", 6); }));
  EXPECT_EQ(counters_->filtered, 2u);
  append("b.log", "x\n");
  wait_for(1);
  restart();
  append("a.log", "y\n-3\n");
  EXPECT_THAT(wait_for(2), ElementsAre("x", "y"));
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", 11); }));
  EXPECT_EQ(counters_->filtered, 3u);
  EXPECT_EQ(counters_->received, 5u);
  EXPECT_EQ(counters_->dropped, 3u);
}

// A position that travels with another file's batch must not come after a later one of its own.
TEST_F(FileInputTest, PositionsDoNotGoBack) {
  std::vector<std::unique_ptr<const Parser>> parsers;
  parsers.push_back(std::make_unique<DropSome>());
  parsers_ = std::make_shared<const ParserChain>(std::move(parsers));
  append("a.log", "-dropped\n");
  start();
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", 9); }));
  {
    const Held held(*ingest_);
    append("a.log", "kept\n");
    ASSERT_TRUE(eventually([&] { return status("a.log").offset == 14; }));
    append("b.log", "other\n");
    ASSERT_TRUE(eventually([&] { return status("b.log").offset == 6; }));
  }
  wait_for(2);
  restart();
  append("b.log", "end\n");
  EXPECT_THAT(wait_for(3), ElementsAre("kept", "other", "end"));
}

TEST_F(FileInputTest, AFileThatIsNotWantedForAWhileIsReadOnLater) {
  append("a.log", "1\n");
  append("b.log", "1\n");
  start();
  wait_for(2);
  config_.exclude = {"a.log"};
  restart();
  append("a.log", "2\n");
  append("b.log", "2\n");
  wait_for(3);
  EXPECT_EQ(status().missing, 0u) << "it is not looked for";
  config_.exclude.clear();
  restart();
  EXPECT_EQ(wait_for(4), (std::vector<std::string>{"1", "1", "2", "2"}));
}

TEST_F(FileInputTest, NoMoreIsReadThanMayBeInFlight) {
  append("a.log", "one\n");
  start();
  wait_for(1);
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += std::to_string(i) + " of those that wait\n";
  {
    const Held held(*ingest_);
    append("a.log", bytes);
    append("b.log", "small\n");
    ASSERT_TRUE(eventually([&] { return status("a.log").bytes_in_flight >= kMaxFileBytesInFlight; }));
    // Others are still read.
    ASSERT_TRUE(eventually([&] { return status("b.log").offset == 6; }));
    EXPECT_LT(status("a.log").bytes_in_flight, 2 * kMaxFileBytesInFlight);
    EXPECT_LT(status("a.log").offset, bytes.size());
    EXPECT_GT(status("a.log").lag_bytes(), 0u);
  }
  EXPECT_EQ(wait_for(100'002).size(), 100'002u);
}

/// The store is on a disk that can be full.
class FullDiskTest : public FileInputTest {
 protected:
  FullDiskTest() {
    EXPECT_TRUE(ingest_->stop());
    ingest_.reset();
    // The logs are in a real folder, the store is not.
    auto started = Ingest::start({.path = "/store"}, make_logger({.level = LogLevel::error}), {.layer = &disk_});
    EXPECT_TRUE(started) << started.error().to_string();
    ingest_ = std::move(*started);
  }
  ~FullDiskTest() override {
    stop();
    EXPECT_TRUE(ingest_->stop());
    ingest_.reset();
  }

  towl::MemoryFileLayer disk_;
};

TEST_F(FullDiskTest, WhatCannotBeStoredIsReadAgainOnceThereIsRoom) {
  append("a.log", "one\n");
  append("b.log", "first of b\n");
  start();
  wait_for(2);
  disk_.set_capacity(std::uint64_t{64} << 10);
  std::vector<std::string> expected = {"one"};
  std::string bytes;
  for (int i = 0; i < 20'000; ++i) {
    expected.push_back(std::to_string(i * 7919) + " is a line that no other is like " + std::to_string(i * i));
    bytes += expected.back() + "\n";
  }
  append("a.log", bytes);
  ASSERT_TRUE(eventually([&] { return status("a.log").state == "retrying"; }));
  EXPECT_THAT(status("a.log").why, HasSubstr("is tried again"));
  EXPECT_LT(counters_->stored, 20'002u);
  disk_.set_capacity(std::uint64_t{64} << 20);
  ASSERT_TRUE(eventually([&] { return counters_->stored >= 20'002u; }));
  ASSERT_TRUE(eventually([&] { return is_read_to_end("a.log", bytes.size() + 4); }));
  const auto store = towl::Store::open("/store", &disk_);
  ASSERT_TRUE(store);
  std::vector<std::string> stored;
  for (const auto& entry : towl::test::read_all(*store)) {
    if (entry.log_entry != "first of b") stored.push_back(entry.log_entry);
  }
  EXPECT_EQ(stored, expected);
  EXPECT_EQ(counters_->received, 20'002u);
  EXPECT_EQ(counters_->rejected, 0u);
}

}  // namespace
}  // namespace towld

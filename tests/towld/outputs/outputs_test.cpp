// What is stored is printed elsewhere as well, once and in order, and printing never holds up storing.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "outputs/entry_format.hpp"
#include "outputs/following_output.hpp"
#include "outputs/text_output_config.hpp"
#include "outputs/text_sink.hpp"
#include "support/temp_folder.hpp"
#include "towld/inputs/input_support.hpp"

namespace towld {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using towl::test::eventually;

std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class OutputTest : public testing::Test {
 protected:
  OutputTest() { ::signal(SIGPIPE, SIG_IGN); }  // as towld does

  /// Stores entries and waits until they are durable.
  void store(std::vector<towl::Entry> entries) { store(std::move(entries), store_); }
  static void store(std::vector<towl::Entry> entries, test::MemoryStore& to) {
    auto owner = std::make_shared<std::vector<towl::Entry>>(std::move(entries));
    std::promise<bool> stored;
    Batch batch;
    batch.entries = towl::test::views(*owner);
    batch.owner = owner;
    batch.done = [&](const auto& answer) { stored.set_value(answer.has_value()); };
    to.ingest().submit(std::move(batch));
    ASSERT_TRUE(stored.get_future().get());
  }

  void store_numbered(std::uint64_t first, std::uint64_t count) { store(towl::test::numbered_entries(first, count)); }

  OutputContext context(const std::string& name = "o") {
    return {.name = name,
            .ingest = &store_.ingest(),
            .log = test::MemoryStore::log(),
            .cursor_folder = folder_ / "cursors"};
  }

  std::unique_ptr<Output> start(const TextOutputConfig& config, Target target, const std::string& name = "o") {
    auto started = FollowingOutput::start(context(name), config.from,
                                          std::make_unique<TextSink>(config.format, std::move(target)));
    EXPECT_TRUE(started) << started.error().to_string();
    return std::move(*started);
  }

  /// To the pipe.
  std::unique_ptr<Output> start(OutputFormat format) {
    return start({.format = format, .from = ReadFrom::beginning}, Target::descriptor(pipe_[1]));
  }

  std::unique_ptr<Output> start_file(const std::string& path, ReadFrom from = ReadFrom::beginning,
                                     const std::string& name = "o") {
    return start({.format = OutputFormat::text, .from = from}, Target::file(path), name);
  }

  /// The texts of entries `first` to `first + count`, a line each.
  static std::string expected(std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (std::uint64_t i = first; i < first + count; ++i) text += towl::test::numbered_text(i) + "\n";
    return text;
  }

  static bool has(const std::filesystem::path& path, const std::string& text) {
    return eventually([&] { return contents(path).size() >= text.size(); }) && contents(path) == text;
  }

  void open_pipe() { ASSERT_EQ(::pipe2(pipe_.data(), O_CLOEXEC), 0); }
  void close_end(std::size_t end) {
    if (pipe_[end] >= 0) ::close(pipe_[end]);
    pipe_[end] = -1;
  }
  void TearDown() override {
    close_end(0);
    close_end(1);
  }

  towl::test::TempFolder folder_;
  test::MemoryStore store_{{.max_entries = 100}};
  std::array<int, 2> pipe_ = {-1, -1};
};

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

std::filesystem::path cursor_of(const std::filesystem::path& folder) { return folder / "cursors" / "o.cursor"; }

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

TEST_F(OutputTest, AfterARestartItGoesOnWhereItWas) {
  const std::string path = (folder_ / "out").string();
  std::uint64_t stored = 0;
  for (const std::uint64_t count : {10, 0, 95, 1, 250}) {
    // What comes while it is down is not passed over, whatever `from` says.
    store_numbered(stored, count);
    stored += count;
    auto output = start_file(path, stored == 10 ? ReadFrom::beginning : ReadFrom::end);
    EXPECT_TRUE(has(path, expected(0, stored)));
    store_numbered(stored, 7);
    stored += 7;
    EXPECT_TRUE(has(path, expected(0, stored)));
    output->stop();
    store_.restart();
  }
}

// It was killed before anything came: its place is known all the same.
TEST_F(OutputTest, ThePlaceWhereItBeganIsKeptAtOnce) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 10);
  const auto output = start_file(path, ReadFrom::end);
  ASSERT_TRUE(eventually([&] { return std::filesystem::exists(cursor_of(folder_.path())); }));
  const std::string begun = contents(cursor_of(folder_.path()));
  store_numbered(10, 10);
  ASSERT_TRUE(has(path, expected(10, 10)));
  output->stop();
  write_file(cursor_of(folder_.path()), begun);
  std::filesystem::resize_file(path, 0);
  const auto other = start_file(path, ReadFrom::end);
  EXPECT_TRUE(has(path, expected(10, 10)));
}

// Killed between a write and the cursor, or within a write: the file has more than the cursor knows, whole entries and
// a part of one. All of that is written once in the end.
TEST_F(OutputTest, WhatWasWrittenAfterTheCursorIsWrittenOnce) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 120);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 120)));
    output->stop();
  }
  const std::string old_cursor = contents(cursor_of(folder_.path()));
  store_numbered(120, 150);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 270)));
    output->stop();
  }
  const std::string whole = contents(path);
  const std::size_t committed = expected(0, 120).size();
  for (std::size_t size = committed; size <= whole.size(); size += 1 + (whole.size() - committed) / 50) {
    SCOPED_TRACE(size);
    write_file(path, whole.substr(0, size));
    write_file(cursor_of(folder_.path()), old_cursor);
    const auto output = start_file(path);
    EXPECT_TRUE(has(path, whole));
    output->stop();
  }
}

TEST_F(OutputTest, ACursorThatIsDamagedIsToldOfAndPassedOver) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 10);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 10)));
    output->stop();
  }
  std::string cursor = contents(cursor_of(folder_.path()));
  cursor[cursor.size() / 2] ^= 1;
  for (const std::string& damaged : {cursor, cursor.substr(0, 20), std::string(), std::string(1 << 20, 'x')}) {
    write_file(cursor_of(folder_.path()), damaged);
    const std::string before = contents(path);
    const auto output = start_file(path, ReadFrom::end);
    store_numbered(1000, 5);
    EXPECT_TRUE(has(path, before + expected(1000, 5)));
    output->stop();
  }
}

TEST_F(OutputTest, ACursorOfAnotherStoreIsPassedOver) {
  const std::string path = (folder_ / "out").string();
  store_numbered(0, 10);
  {
    const auto output = start_file(path);
    ASSERT_TRUE(has(path, expected(0, 10)));
    output->stop();
  }
  test::MemoryStore other({.max_entries = 100});
  store(towl::test::numbered_entries(500, 20), other);
  auto context = this->context();
  context.ingest = &other.ingest();
  const auto output = FollowingOutput::start(context, ReadFrom::beginning,
                                             std::make_unique<TextSink>(OutputFormat::text, Target::file(path)));
  ASSERT_TRUE(output) << output.error().to_string();
  EXPECT_TRUE(has(path, expected(0, 10) + expected(500, 20)));
}

TEST_F(OutputTest, AFileThatWasMovedKeepsItsEntriesAndTheNewOneGetsTheRest) {
  const std::string path = (folder_ / "out").string();
  std::string cursor;
  {
    const auto output = start_file(path);
    store_numbered(0, 10);
    ASSERT_TRUE(has(path, expected(0, 10)));
    std::filesystem::rename(path, path + ".1");
    store_numbered(10, 10);
    ASSERT_TRUE(has(path, expected(10, 10)));
    // Before the stop: as it was committed before the first entry came into the new file.
    cursor = contents(cursor_of(folder_.path()));
    output->stop();
  }
  write_file(cursor_of(folder_.path()), cursor);
  store_numbered(20, 10);
  const auto output = start_file(path);
  EXPECT_TRUE(has(path, expected(10, 20)));
  EXPECT_EQ(contents(path + ".1"), expected(0, 10));
}

TEST_F(OutputTest, ACursorThatCannotBeSavedHoldsUpNothing) {
  towl::MemoryFileLayer disk;
  disk.set_capacity(0);
  auto context = this->context();
  context.layer = &disk;
  const std::string path = (folder_ / "out").string();
  auto output = FollowingOutput::start(context, ReadFrom::beginning,
                                       std::make_unique<TextSink>(OutputFormat::text, Target::file(path)));
  ASSERT_TRUE(output) << output.error().to_string();
  store_numbered(0, 10);
  EXPECT_TRUE(has(path, expected(0, 10)));
  EXPECT_TRUE(eventually([&] { return (*output)->status().error.find("space") != std::string::npos; }));
  disk.set_capacity(1 << 20);
  EXPECT_TRUE(eventually([&] { return (*output)->status().error.empty(); }));
  (*output)->stop();
  const auto saved = DurableCursor(context.cursor_folder, context.name, disk).load();
  ASSERT_TRUE(saved && *saved);
  EXPECT_EQ((*saved)->ordinal, 10u);
}

/// Keeps what it gets in memory, and fails when told to.
class TestSink : public Sink {
 public:
  struct State {
    std::mutex mutex;
    std::vector<std::string> written;  // what is there, committed or not
    std::size_t committed = 0;
    bool tells = false;  // where it is
    int failing_commits = 0;

    std::vector<std::string> get() {
      std::lock_guard lock(mutex);
      return written;
    }
  };

  explicit TestSink(std::shared_ptr<State> state) : state_(std::move(state)) {}

  towl::Result<void> open(const std::optional<std::string>& committed) override {
    std::lock_guard lock(state_->mutex);
    added_.clear();
    if (committed) state_->written.resize(std::stoul(*committed));
    return {};
  }
  towl::Result<std::optional<StorePosition>> find_position() override {
    std::lock_guard lock(state_->mutex);
    if (!state_->tells) return std::nullopt;
    return StorePosition{.file_id = 1, .ordinal = state_->written.size()};
  }
  void add(const FollowedEntry& followed) override { added_.emplace_back(followed.entry.log_entry); }
  std::size_t unwritten_bytes() const override { return 100 * added_.size(); }
  bool is_within() const override { return false; }
  towl::Result<bool> write() override {
    std::lock_guard lock(state_->mutex);
    state_->written.insert(state_->written.end(), added_.begin(), added_.end());
    added_.clear();
    return true;
  }
  void wait(Wakeup&) override {}
  towl::Result<std::string> commit() override {
    std::lock_guard lock(state_->mutex);
    if (state_->failing_commits > 0 && state_->failing_commits-- > 0) {
      // What a failed sync left behind: of what was committed before, all.
      state_->written.resize((state_->committed + state_->written.size()) / 2);
      return towl::fail(towl::ErrorCode::io, "the sync failed");
    }
    state_->committed = state_->written.size();
    return std::to_string(state_->committed);
  }

 private:
  std::shared_ptr<State> state_;
  std::vector<std::string> added_;
};

std::vector<std::string> texts(std::uint64_t first, std::uint64_t count) {
  std::vector<std::string> texts;
  for (std::uint64_t i = first; i < first + count; ++i) texts.push_back(towl::test::numbered_text(i));
  return texts;
}

TEST_F(OutputTest, AfterAFailedCommitItBeginsAnewFromTheCursor) {
  const auto state = std::make_shared<TestSink::State>();
  auto output = FollowingOutput::start(context(), ReadFrom::beginning, std::make_unique<TestSink>(state));
  ASSERT_TRUE(output);
  store_numbered(0, 20);
  ASSERT_TRUE(eventually([&] { return state->get() == texts(0, 20); }));
  (*output)->stop();
  state->failing_commits = 2;
  output = FollowingOutput::start(context(), ReadFrom::beginning, std::make_unique<TestSink>(state));
  ASSERT_TRUE(output);
  store_numbered(20, 20);
  EXPECT_TRUE(eventually([&] {
    std::lock_guard lock(state->mutex);
    return state->failing_commits == 0;
  }));
  EXPECT_TRUE(eventually([&] { return state->get() == texts(0, 40) && (*output)->status().error.empty(); }));
  EXPECT_GE((*output)->status().failures, 2u);
}

TEST_F(OutputTest, WithoutACursorItBeginsWhereTheSinkSaysItIs) {
  const auto state = std::make_shared<TestSink::State>();
  state->tells = true;
  state->written = texts(0, 30);
  store_numbered(0, 60);
  const auto output = FollowingOutput::start(context(), ReadFrom::end, std::make_unique<TestSink>(state));
  ASSERT_TRUE(output);
  EXPECT_TRUE(eventually([&] { return state->get() == texts(0, 60); }));
}

TEST_F(OutputTest, TheBacklogIsWhatIsStoredAndNotWritten) {
  open_pipe();
  const auto output = start(OutputFormat::json);
  store_numbered(0, 5000);
  const auto waiting = [&] { return output->status().backlog_entries; };
  EXPECT_EQ(waiting() + output->status().entries, 5000u);
  EXPECT_GT(waiting(), 1000u);
  EXPECT_GT(output->status().backlog_bytes, 10'000u);
  std::array<char, 65536> buffer{};
  for (std::ptrdiff_t lines = 0; lines < 5000;) {
    const ssize_t n = ::read(pipe_[0], buffer.data(), buffer.size());
    ASSERT_GT(n, 0);
    lines += std::count(buffer.data(), buffer.data() + n, '\n');
  }
  EXPECT_TRUE(eventually([&] { return waiting() == 0; }));
  EXPECT_EQ(output->status().entries, 5000u);
  EXPECT_EQ(output->status().backlog_bytes, 0u);
  EXPECT_GT(output->status().bytes, 100'000u);
}

std::string formatted(OutputFormat format, towl::LogFormat log_format, const std::string& text) {
  EntryFormatter formatter(format);
  std::string out;
  formatter.append({3, 7, {"host", 1'768'660'200'000'000'000, log_format, text}}, out);
  return out;
}

TEST(EntryFormatter, TextEntries) {
  constexpr auto kText = towl::LogFormat::text;
  EXPECT_EQ(
      formatted(OutputFormat::json, kText, "a\"b\n"),
      R"({"file_id":3,"ordinal":7,"sender":"host","time":"2026-01-17T14:30:00Z","received":"2026-01-17T14:30:00Z","log_format":0,"log_entry":"a\"b\n"})"
      "\n");
  EXPECT_EQ(json::parse(formatted(OutputFormat::json, kText, "\xff"))["log_entry"], json({255}));
  EXPECT_EQ(formatted(OutputFormat::text, kText, "a\x1b\xff"), "a\x1b\xff\n");
  EXPECT_EQ(formatted(OutputFormat::console, kText, "a\tb\x1b[31m\nc \u00e9 \xc2\x9b"),
            "2026-01-17T14:30:00Z host: a\tb\\x1b[31m\n    c \u00e9 \\xc2\\x9b\n");
  EXPECT_EQ(formatted(OutputFormat::console, kText, "\xc3\xa9 \xff"), "2026-01-17T14:30:00Z host: \\xc3\\xa9 \\xff\n");
}

TEST(EntryFormatter, JournalEntries) {
  constexpr auto kJson = towl::LogFormat::journal_json;
  const std::string stored = R"({"MESSAGE":"it \"works\"","SYSLOG_IDENTIFIER":"shop", "n":1})";
  const std::string implied = R"({"__REALTIME_TIMESTAMP":"1768660200000000","_HOSTNAME":"host",)";
  EXPECT_EQ(formatted(OutputFormat::json, kJson, stored), implied + stored.substr(1) + "\n");
  EXPECT_EQ(formatted(OutputFormat::text, kJson, stored), "it \"works\"\n");
  EXPECT_EQ(formatted(OutputFormat::console, kJson, stored), "2026-01-17T14:30:00Z host shop: it \"works\"\n");
  EXPECT_EQ(formatted(OutputFormat::text, kJson, R"({"MESSAGE":[104,105,255]})"), "hi\xff\n");
  EXPECT_EQ(formatted(OutputFormat::json, kJson, "{\n \"a\": [1]\n}\n"), implied + "\"a\":[1]}\n");
  // What is no JSON after all is a text.
  EXPECT_EQ(formatted(OutputFormat::text, kJson, "{broken"), "{broken\n");
  EXPECT_EQ(json::parse(formatted(OutputFormat::json, kJson, "{broken"))["log_entry"], "{broken");
  EXPECT_EQ(formatted(OutputFormat::console, kJson, R"({"a":1})"), "2026-01-17T14:30:00Z host: {\"a\":1}\n");
  EXPECT_EQ(formatted(OutputFormat::text, kJson, "[1]"), "[1]\n");
}

}  // namespace
}  // namespace towld

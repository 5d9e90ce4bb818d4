// What is stored is printed elsewhere as well, once and in order, and printing never holds up storing.
#include <fcntl.h>
#include <gmock/gmock.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>

#include "config/read_config.hpp"
#include "outputs/entry_output.hpp"
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
  void store(std::vector<towl::Entry> entries) {
    auto owner = std::make_shared<std::vector<towl::Entry>>(std::move(entries));
    std::promise<bool> stored;
    Batch batch;
    batch.entries = towl::test::views(*owner);
    batch.owner = owner;
    batch.done = [&](const auto& answer) { stored.set_value(answer.has_value()); };
    store_.ingest().submit(std::move(batch));
    ASSERT_TRUE(stored.get_future().get());
  }

  void store_numbered(std::uint64_t first, std::uint64_t count) { store(towl::test::numbered_entries(first, count)); }

  std::unique_ptr<EntryOutput> start(OutputConfig config) {
    auto started = EntryOutput::start(config, store_.ingest(), test::MemoryStore::log(), pipe_[1]);
    EXPECT_TRUE(started) << started.error().to_string();
    return std::move(*started);
  }

  std::unique_ptr<EntryOutput> start_file(const std::string& path, ReadFrom from = ReadFrom::beginning) {
    return start({.name = "o", .type = OutputType::file, .format = OutputFormat::text, .from = from, .path = path});
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
  EXPECT_THAT(output->describe(), HasSubstr(R"({"type":"file","entries":500,)"));
}

TEST_F(OutputTest, FromTheEndOnWhatIsThereIsNotPrinted) {
  const std::string path = (folder_ / "out").string();
  for (const std::uint64_t before : {0, 50, 100, 175}) {
    SCOPED_TRACE(before);
    std::filesystem::remove(path);
    store_numbered(0, before % 100 == 0 ? before : 25);
    const auto output = start_file(path, ReadFrom::end);
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
  EXPECT_TRUE(eventually([&] { return json::parse(output->describe())["error"] != ""; }));
  std::filesystem::remove(path);
  EXPECT_TRUE(has(path, expected(0, 300)));
  EXPECT_TRUE(eventually([&] { return json::parse(output->describe())["error"] == ""; }));
}

TEST_F(OutputTest, AReaderThatDoesNotReadHoldsUpNothingButItself) {
  open_pipe();
  const auto output = start({.name = "o", .format = OutputFormat::console, .from = ReadFrom::beginning});
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
  const auto output = start({.name = "o", .format = OutputFormat::json, .from = ReadFrom::beginning});
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
  const auto output = start({.name = "o", .from = ReadFrom::beginning});
  close_end(0);
  store_numbered(0, 10);
  EXPECT_TRUE(eventually([&] { return json::parse(output->describe())["error"] != ""; }));
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
  EXPECT_TRUE(eventually([&] { return json::parse(output->describe())["error"] != ""; }));
  std::promise<std::size_t> removed;
  ASSERT_TRUE(store_.ingest().run([&](towl::StoreWriter& writer) -> std::function<void()> {
    const auto files = writer.retain({.max_bytes = 1});
    return [&removed, count = files ? files->size() : 0] { removed.set_value(count); };
  }));
  ASSERT_GE(removed.get_future().get(), 3u);
  std::filesystem::remove(path);
  EXPECT_TRUE(eventually([&] { return contents(path).find("\n449.") != std::string::npos; }));
  EXPECT_GT(json::parse(output->describe())["missed_files"], 0);
  int last = -1;
  for (const std::string& line : lines_of(contents(path))) {
    const int number = std::stoi(line);
    EXPECT_GT(number, last);
    last = number;
  }
}

TEST_F(OutputTest, AFolderThatIsNotThereIsAnErrorAtTheStart) {
  const auto started = EntryOutput::start(
      {.name = "o", .type = OutputType::file, .path = (folder_ / "none" / "out").string()}, store_.ingest(), nullptr);
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().to_string(), HasSubstr("none/out"));
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

Config read(const std::string& yaml, std::string* error = nullptr) {
  Config config;
  const auto none = [](const std::string&) { return std::optional<std::string>(); };
  const auto done = read_document(yaml, "towld.yaml", none, config);
  if (error != nullptr) *error = done ? "no error" : done.error().to_string();
  return config;
}

TEST(OutputConfig, EveryKeyIsRead) {
  const auto outputs = read(R"(
outputs:
  - { type: towl, remote: "a:1" }
  - { type: towl, name: b, remote: ["a:1", "b:2"] }
  - { type: stdout, format: console, from: beginning }
  - { type: file, path: /x, format: text }
  - { type: stdout }
)")
                           .outputs;
  ASSERT_EQ(outputs.size(), 5u);
  EXPECT_THAT(outputs[0].towl.remotes, ElementsAre("a:1"));
  EXPECT_THAT(outputs[1].towl.remotes, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(outputs[2], (OutputConfig{.name = "stdout", .format = OutputFormat::console, .from = ReadFrom::beginning}));
  EXPECT_EQ(outputs[3],
            (OutputConfig{.name = "file", .type = OutputType::file, .format = OutputFormat::text, .path = "/x"}));
  EXPECT_EQ(outputs[4].name, "stdout-2");
  EXPECT_EQ(outputs[4].format, OutputFormat::json);
  EXPECT_EQ(outputs[4].from, ReadFrom::end);
}

TEST(OutputConfig, WhatIsWrongNamesFileLineAndKey) {
  const auto error_of = [](const std::string& yaml) {
    std::string error;
    read(yaml, &error);
    return error;
  };
  EXPECT_THAT(error_of("outputs:\n- { type: kafka }"),
              HasSubstr("towld.yaml:2: \"outputs[0].type\": \"kafka\" is not one of towl, stdout or file"));
  EXPECT_THAT(error_of("outputs: [stdout]"), HasSubstr("each must be a map"));
  EXPECT_THAT(error_of("outputs: [{ type: towl }]"), HasSubstr("at least one collector"));
  EXPECT_THAT(error_of("outputs: [{ type: file }]"), HasSubstr("file needs `path`"));
  EXPECT_THAT(error_of("outputs: [{ type: file, path: /x, format: console }]"), HasSubstr("not one of json or text"));
  EXPECT_THAT(error_of("outputs: [{ type: stdout, format: text }]"), HasSubstr("not one of json or console"));
  EXPECT_THAT(error_of("outputs: [{ type: stdout, pth: /x }]"), HasSubstr("unknown key \"outputs[0].pth\""));
  EXPECT_THAT(error_of("outputs: [{ type: stdout, name: a }, { type: stdout, name: a }]"),
              HasSubstr("are named \"a\""));
}

}  // namespace
}  // namespace towld

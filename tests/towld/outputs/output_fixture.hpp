// An output of lines, to a pipe or a file, of a store in memory.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "outputs/following_output.hpp"
#include "outputs/text_output_config.hpp"
#include "outputs/text_sink.hpp"
#include "support/temp_folder.hpp"
#include "towld/inputs/input_support.hpp"

namespace towld {

inline std::string contents(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class OutputTest : public testing::Test {
 protected:
  OutputTest() { ::signal(SIGPIPE, SIG_IGN); }  // as towld does

  /// Stores entries and waits until they are durable.
  void store(std::vector<towl::Entry> entries) { store_.store(std::move(entries)); }

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
    return towl::test::eventually([&] { return contents(path).size() >= text.size(); }) && contents(path) == text;
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

}  // namespace towld

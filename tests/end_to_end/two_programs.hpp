// TwoPrograms runs a collector and towlctl as users do, each with a store of its own.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "support/collector.hpp"
#include "support/stores.hpp"

namespace towl::test {

inline std::string bytes_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// Where `text` is in a file. The first entry of a frame of rows is there as it is: damage to it costs the frame's entries,
/// while in other places it may cost none.
inline std::streamoff place_of(const std::filesystem::path& path, const std::string& text) {
  const std::size_t at = bytes_of(path).find(text);
  EXPECT_NE(at, std::string::npos) << text << " is not in " << path;
  return static_cast<std::streamoff>(at);
}

inline long lines(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

class TwoPrograms : public testing::Test {
 protected:
  /// Starts (again) a collector on the same store.
  void start(const std::string& partition = "{ max_entries: 1000 }") {
    std::ofstream(folder_ / "towld.yaml") << "store: { partition: " << partition << " }\n";
    collector_.reset();
    collector_ =
        std::make_unique<Collector>(folder_ / "store", std::vector<std::string>{"--config", folder_ / "towld.yaml"});
  }

  std::map<std::string, std::string> environment() const {
    return {{"TOWL_SERVER", collector_ ? collector_->address() : "127.0.0.1:1"},
            {"TOWL_STORE", (folder_ / "mirror").string()},
            {"TZ", "UTC"}};
  }

  std::vector<std::string> command(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return arguments;
  }

  ProcessResult towlctl(const std::vector<std::string>& arguments, const std::string& input = "") const {
    return run(command(arguments), {.environment = environment(), .input = input});
  }

  /// So many times 100 lines, each time by a program of its own, which is to say that it stored them.
  void append_by_hundreds(std::uint64_t times) const {
    for (std::uint64_t i = 0; i < times; ++i) {
      const auto appended = towlctl({"append"}, lines_of(i * 100, 100));
      ASSERT_EQ(appended.code, 0) << appended.err;
      ASSERT_THAT(appended.err, testing::HasSubstr("stored 100 entries")) << appended.err;
    }
  }

  nlohmann::json sync_json() const {
    const auto synced = towlctl({"sync", "--json"});
    EXPECT_EQ(synced.code, 0) << synced.err;
    return nlohmann::json::parse(synced.out, nullptr, false);
  }

  /// Text of `count` lines.
  static std::string lines_of(std::uint64_t first, std::uint64_t count) {
    std::string text;
    for (std::uint64_t i = first; i < first + count; ++i) text += numbered_text(i) + "\n";
    return text;
  }

  /// What the mirror prints.
  std::string mirrored() const {
    const auto printed = towlctl({"cat"});
    EXPECT_EQ(printed.code, 0) << printed.err;
    return printed.out;
  }

  /// Each file of the mirror has the store's header page and entries, and closed ones the same index. Not the same
  /// bytes: positions of sources stay at the collector, and frames that were not sealed are linked again.
  void expect_identical() const {
    const auto there = Store::open(folder_ / "store");
    const auto here = Store::open(folder_ / "mirror");
    ASSERT_TRUE(there && here);
    const auto files = there->list();
    ASSERT_TRUE(files);
    const auto copies = here->list();
    ASSERT_TRUE(copies);
    ASSERT_EQ(copies->files.size(), files->files.size());
    for (std::size_t i = 0; i < files->files.size(); ++i) {
      const FileInfo& file = files->files[i];
      const FileInfo& mirror = copies->files[i];
      EXPECT_EQ(bytes_of(file.path).substr(0, 1024), bytes_of(mirror.path).substr(0, 1024)) << file.path;
      EXPECT_EQ(test::read_all(file.path), test::read_all(mirror.path));
      // The collector seals when it finds the time.
      if (file.index.sealed != mirror.index.sealed) continue;
      EXPECT_TRUE(!file.index.closed || file.index == mirror.index) << file.path;
    }
  }

  TempFolder folder_;
  std::unique_ptr<Collector> collector_;
};

}  // namespace towl::test

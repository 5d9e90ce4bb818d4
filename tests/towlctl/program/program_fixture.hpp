// The program as users run it, without a collector.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_folder.hpp"

namespace towl::test {

/// Runs towlctl in a folder of its own, where its store is the folder "store".
class TowlctlProgram : public testing::Test {
 protected:
  ProcessResult towlctl(std::vector<std::string> arguments, const std::string& input = {}) const {
    arguments.insert(arguments.begin(), TOWLCTL_PROGRAM);
    return run(arguments, {.environment = {{"TOWL_STORE", "store"},
                                           {"TZ", "UTC"},
                                           {"TOWL_SERVER", "127.0.0.1:1"},
                                           {"TOWL_CONFIG", "none.yaml"}},
                           .input = input,
                           .folder = folder_.path()});
  }

  /// Stores lines in `store`.
  void append(const std::string& store, const std::string& lines, std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments = {"append", "--store", store};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProcessResult ran = towlctl(arguments, lines);
    ASSERT_EQ(ran.code, 0) << ran.err;
  }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << text;
  }

  TempFolder folder_;
};

inline long lines_of(const std::string& text) { return std::count(text.begin(), text.end(), '\n'); }

}  // namespace towl::test

// Process runs a program next to the test and ends it with the test. run() waits for one.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "support/temp_folder.hpp"

namespace towl::test {

struct RunOptions {
  std::map<std::string, std::string> environment = {};  ///< Added to the test's own.
  std::string input = {};                               ///< Standard input.
  std::filesystem::path folder = {};                    ///< Working folder; empty: the test's.
};

class Process {
 public:
  explicit Process(const std::vector<std::string>& arguments, const RunOptions& options = {});
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  /// SIGKILL, if it still runs.
  ~Process();

  /// What it has written so far.
  std::string out() const;
  std::string err() const;

  void signal(int number) const;

  /// Waits for its end. The exit code, 128 + signal if a signal ended it; nullopt if it did not end in time.
  std::optional<int> wait(std::chrono::milliseconds timeout = std::chrono::seconds(60));

  bool running();
  int pid() const { return pid_; }

 private:
  TempFolder files_;
  int pid_ = -1;
  std::optional<int> code_;
};

struct ProcessResult {
  int code = -1;
  std::string out;
  std::string err;
};

/// Runs a program to its end; fails the test if that takes more than a minute.
ProcessResult run(const std::vector<std::string>& arguments, const RunOptions& options = {});

/// Looks at `condition` until it holds, for at most `timeout`. Whether it held.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds timeout = std::chrono::seconds(20)) {
  const auto end = std::chrono::steady_clock::now() + timeout;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return true;
}

}  // namespace towl::test

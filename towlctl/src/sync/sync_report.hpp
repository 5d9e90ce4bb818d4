// SyncReport counts what a sync did and shows it: a progress line while it runs, a summary at its end.
//
// Progress goes to standard error, but only if that is a terminal (or --progress says so) and the work takes longer
// than half a second.
// Threads: any, except for the constructor, start_progress() and end_progress().
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>

#include "session/session.hpp"

namespace towlctl {

struct SyncTotals {
  std::atomic<std::uint64_t> files = 0;  ///< Files that got entries, or were completed.
  std::atomic<std::uint64_t> new_entries = 0;
  std::atomic<std::uint64_t> bytes_received = 0;  ///< Stored bytes.
  std::atomic<std::uint64_t> skipped_files = 0;   ///< Nothing was missing.
  std::atomic<std::uint64_t> diverged = 0;        ///< Set aside and pulled from scratch.
  std::atomic<std::uint64_t> unproved = 0;        ///< Findings: not as the collector's key signed it.
  std::atomic<std::uint64_t> lost_entries = 0;    ///< Those that came as gaps.
  std::atomic<std::uint64_t> failed = 0;
  std::atomic<std::uint64_t> retired_files = 0;  ///< In the mirror, no longer on the collector.
};

class SyncReport {
 public:
  SyncReport(const Session& session, bool verbose) : session_(&session), verbose_(verbose) {}
  SyncReport(const SyncReport&) = delete;
  SyncReport& operator=(const SyncReport&) = delete;
  ~SyncReport() { end_progress(); }

  SyncTotals totals;

  /// There are this many more files and bytes to receive.
  void expect(std::uint64_t files, std::uint64_t bytes);
  /// One of the expected files is done, successfully or not.
  void file_done() { ++files_done_; }
  void received(std::uint64_t entries, std::uint64_t bytes);

  void start_progress();
  void end_progress();

  /// Prints one line, "towlctl: MESSAGE".
  void say(const std::string& message);

  /// Prints the summary: a line to standard error, or with --json an object to standard output.
  void summarize();

 private:
  bool wants_progress() const;
  void run_progress(const std::stop_token& stop);
  std::string progress_line() const;

  const Session* session_;
  bool verbose_;
  std::atomic<std::uint64_t> files_expected_ = 0;
  std::atomic<std::uint64_t> bytes_expected_ = 0;
  std::atomic<std::uint64_t> files_done_ = 0;
  std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();
  std::mutex terminal_;      // for the lines on it
  bool line_shown_ = false;  // under terminal_
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace towlctl

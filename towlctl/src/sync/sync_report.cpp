#include "sync/sync_report.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "output/units.hpp"

namespace towlctl {
namespace {

using std::chrono::duration;
using std::chrono::steady_clock;

constexpr auto kQuietFor = std::chrono::milliseconds(500);
constexpr auto kRedrawEvery = std::chrono::milliseconds(200);

void to_stderr(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string clock_text(std::uint64_t seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%llu:%02u", static_cast<unsigned long long>(seconds / 60),
                static_cast<unsigned>(seconds % 60));
  return text;
}

std::string counted(std::uint64_t count, const char* singular, const char* plural) {
  return format_count(count) + " " + (count == 1 ? singular : plural);
}

}  // namespace

void SyncReport::expect(std::uint64_t files, std::uint64_t bytes) {
  files_expected_ += files;
  bytes_expected_ += bytes;
}

void SyncReport::received(std::uint64_t entries, std::uint64_t bytes) {
  totals.new_entries += entries;
  totals.bytes_received += bytes;
}

bool SyncReport::wants_progress() const {
  if (session_->quiet || session_->progress == When::never) return false;
  return session_->progress == When::always || isatty(STDERR_FILENO) == 1;
}

void SyncReport::start_progress() {
  started_ = steady_clock::now();
  if (wants_progress()) thread_ = std::jthread([this](const std::stop_token& stop) { run_progress(stop); });
}

void SyncReport::end_progress() {
  if (!thread_.joinable()) return;
  thread_.request_stop();
  thread_.join();
}

void SyncReport::run_progress(const std::stop_token& stop) {
  std::unique_lock lock(terminal_);
  stopped_.wait_for(lock, stop, kQuietFor, [] { return false; });
  while (!stop.stop_requested()) {
    to_stderr("\r" + progress_line() + "\033[K");
    line_shown_ = true;
    stopped_.wait_for(lock, stop, kRedrawEvery, [] { return false; });
  }
  if (std::exchange(line_shown_, false)) to_stderr("\r\033[K");
}

std::string SyncReport::progress_line() const {
  const std::uint64_t bytes = totals.bytes_received;
  const std::uint64_t expected = std::max(bytes_expected_.load(), bytes);
  const double seconds = duration<double>(steady_clock::now() - started_).count();
  const double rate = static_cast<double>(bytes) / std::max(seconds, 0.001);
  const std::uint64_t percent =
      expected == 0 ? 0
                    : static_cast<std::uint64_t>(100.0 * static_cast<double>(bytes) / static_cast<double>(expected));
  std::string line = "Receiving: " + std::to_string(percent) + "% (" + format_count(files_done_) + "/" +
                     format_count(files_expected_) + " files), " + format_bytes(bytes) + " | " +
                     format_bytes(static_cast<std::uint64_t>(rate)) + "/s";
  if (bytes > 0)
    line += ", ETA " + clock_text(static_cast<std::uint64_t>(static_cast<double>(expected - bytes) / rate));
  return line;
}

void SyncReport::say(const std::string& message) {
  const std::lock_guard lock(terminal_);
  if (std::exchange(line_shown_, false)) to_stderr("\r\033[K");
  complain(message);
}

void SyncReport::summarize() {
  if (session_->json) {
    const nlohmann::ordered_json json = {
        {"files", totals.files.load()},
        {"new_entries", totals.new_entries.load()},
        {"bytes_received", totals.bytes_received.load()},
        {"skipped_files", totals.skipped_files.load()},
        {"diverged", totals.diverged.load()},
        {"unproved", totals.unproved.load()},
        {"lost_entries", totals.lost_entries.load()},
        {"failed", totals.failed.load()},
        {"retired_files", totals.retired_files.load()},
    };
    std::puts(json.dump().c_str());
    std::fflush(stdout);
    return;
  }
  if (session_->quiet) return;
  std::string line = counted(totals.files, "file", "files") + ", " +
                     counted(totals.new_entries, "new entry", "new entries") + ", " +
                     format_bytes(totals.bytes_received) + " received, " +
                     counted(totals.skipped_files, "file", "files") + " up to date";
  if (totals.unproved > 0) line += ", " + format_count(totals.unproved) + " not as signed";
  if (totals.diverged > 0) line += ", " + format_count(totals.diverged) + " diverged";
  if (totals.lost_entries > 0) line += ", " + counted(totals.lost_entries, "entry", "entries") + " lost";
  if (totals.failed > 0) line += ", " + format_count(totals.failed) + " failed";
  if (verbose_ && totals.retired_files > 0) line += ", " + format_count(totals.retired_files) + " only in the mirror";
  to_stderr(line + "\n");
}

}  // namespace towlctl

// frames_bench: files of format 2 against those of format 1, and against the bars of bench/README.md.
//
//   frames_bench               all of it, on about 3 GB below $TMPDIR; a table in Markdown
//   frames_bench WORK PATH     one kind of work only, for its memory: write, read, seal
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "sample_logs.hpp"
#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"
#include "towl/seal.hpp"

namespace towl::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kBatch = 100;
constexpr std::uint64_t kLargeCount = 5'000'000;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void row(const char* what, const char* format, auto... values) {
  std::printf("| %s | ", what);
  std::printf(format, values...);
  std::puts(" |");
  std::fflush(stdout);
}

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "frames_bench: %s\n", error.to_string().c_str());
  std::exit(2);
}

template <class T>
T expect(Result<T> result) {
  if (!result) give_up(result.error());
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

const std::vector<EntryView>& entries() {
  static const SampleLog log = make_syslog(std::size_t{20} << 20);
  static const std::vector<EntryView> views(log.entries.begin(), log.entries.end());
  return views;
}

struct Written {
  double seconds = 0;
  std::uint64_t bytes = 0;
  std::uint64_t text_bytes = 0;
};

// Batches of 100, each handed to the operating system; or, without `flush`, gathered.
Written write(const fs::path& path, FileFormat format, std::uint64_t count, bool flush,
              const std::atomic<bool>* stop = nullptr) {
  Written written;
  const auto start = Clock::now();
  auto writer = expect(FileWriter::create(path, {.file_id = 1, .format = format}));
  const std::span all(entries());
  std::size_t at = 0;
  for (std::uint64_t done = 0; done < count && !(stop != nullptr && *stop); done += kBatch) {
    if (at + kBatch > all.size()) at = 0;
    expect(writer.append(all.subspan(at, kBatch)));
    if (flush) expect(writer.flush());
    at += kBatch;
  }
  expect(writer.flush());
  written.seconds = seconds_since(start);
  written.bytes = writer.written().offset;
  written.text_bytes = writer.index().text_bytes;
  expect(writer.close());
  return written;
}

std::uint64_t read_all(const fs::path& path, Wanted wanted = {}) {
  auto reader = expect(FileReader::open(path, {.wanted = wanted}));
  std::uint64_t bytes = 0;
  for (;;) {
    const auto entry = expect(reader.next());
    if (!entry) return bytes;
    bytes += entry->sender.size() + entry->log_entry.size();
  }
}

void bench_append(const fs::path& folder) {
  constexpr std::uint64_t kCount = 2'000'000;
  double best[2] = {1e9, 1e9};
  std::uint64_t bytes[2] = {};
  for (int round = 0; round < 5; ++round) {
    for (const FileFormat format : {FileFormat::v1, FileFormat::v2}) {
      const std::size_t i = format == FileFormat::v1 ? 0 : 1;
      const Written written = write(folder / "append", format, kCount, true);
      fs::remove(folder / "append");
      best[i] = std::min(best[i], written.seconds);
      bytes[i] = written.bytes;
    }
  }
  row("append, batches of 100, `written`: format 1, entries/s", "%.1f M", kCount / best[0] / 1e6);
  row("the same, format 2", "%.1f M (%.2f of format 1)", kCount / best[1] / 1e6, best[0] / best[1]);
  row("bytes on disk, format 2 against format 1", "%.0f%%",
      100.0 * static_cast<double>(bytes[1]) / static_cast<double>(bytes[0]));
}

void bench_sealed(const fs::path& folder) {
  const fs::path path = folder / "large";
  const Written written = write(path, FileFormat::v2, kLargeCount, true);
  const double text_mb = static_cast<double>(written.text_bytes) / 1e6;
  auto start = Clock::now();
  read_all(path);
  row("read every entry of an open file, text/s", "%.2f GB", text_mb / 1e3 / seconds_since(start));
  start = Clock::now();
  const auto report = expect(seal(path));
  row("seal 5 million entries, text/s", "%.0f MB", text_mb / seconds_since(start));
  row("sealed, against the open file and the text", "%.1f%%, %.1f%%",
      100.0 * static_cast<double>(report.bytes_after) / static_cast<double>(report.bytes_before),
      100.0 * static_cast<double>(report.bytes_after) / (text_mb * 1e6));
  for (const bool all : {true, false}) {
    double best = 1e9;
    for (int round = 0; round < 3; ++round) {
      start = Clock::now();
      read_all(path, all ? Wanted{} : Wanted{.sender = false, .received = false});
      best = std::min(best, seconds_since(start));
    }
    row(all ? "scan of the sealed file, every field, text/s" : "the same, texts alone", "%.2f GB",
        text_mb / 1e3 / best);
  }

  std::mt19937_64 random(7);
  double ordinals = 0;
  double times = 0;
  constexpr int kSeeks = 300;
  for (int i = 0; i < kSeeks; ++i) {
    start = Clock::now();
    auto reader = expect(FileReader::open(path));
    expect(reader.seek(random() % kLargeCount));
    const Entry entry(*expect(reader.next()));
    ordinals += seconds_since(start);
    start = Clock::now();
    auto from = expect(FileReader::open(path, {.since = entry.received}));
    expect(from.next());
    times += seconds_since(start);
  }
  row("open at a random ordinal, at a random time", "%.2f ms, %.2f ms", 1e3 * ordinals / kSeeks, 1e3 * times / kSeeks);
}

// The rate of appends, with and without a file being sealed at the same time.
void bench_append_beside_sealing(const fs::path& folder) {
  write(folder / "beside", FileFormat::v2, 1'000'000, true);
  const auto rate = [&](bool sealing) {
    std::atomic<bool> stop = false;
    std::jthread sealer;
    if (sealing) {
      sealer = std::jthread([&] {
        // As the collector does it.
        (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), 19);
        while (!stop) expect(SealedCopy::make(folder / "beside"));
      });
    }
    std::jthread timer([&] {
      std::this_thread::sleep_for(std::chrono::seconds(2));
      stop = true;
    });
    const auto start = Clock::now();
    auto writer = expect(FileWriter::create(folder / "beside-append", {.file_id = 1}));
    const std::span all(entries());
    std::uint64_t done = 0;
    for (std::size_t at = 0; !stop; at = at + 2 * kBatch > all.size() ? 0 : at + kBatch, done += kBatch) {
      expect(writer.append(all.subspan(at, kBatch)));
      expect(writer.flush());
    }
    const double per_second = static_cast<double>(done) / seconds_since(start);
    fs::remove(folder / "beside-append");
    return per_second;
  };
  const double alone = rate(false);
  const double beside = rate(true);
  row("appends while a file is sealed beside them", "%.2f of the rate alone", beside / alone);
}

void bench_recovery(const fs::path& folder) {
  const fs::path path = folder / "killed";
  const pid_t child = fork();
  if (child == 0) {
    auto writer = expect(FileWriter::create(path, {.file_id = 1}));
    const std::span all(entries());
    std::uint64_t synced = 0;
    for (std::size_t at = 0;
         writer.written().offset<(std::uint64_t{1} << 30); at = at + 2 * kBatch> all.size() ? 0 : at + kBatch) {
      expect(writer.append(all.subspan(at, kBatch)));
      expect(writer.flush());
      if (writer.written().offset - synced > (std::uint64_t{4} << 20)) {
        expect(writer.sync());
        synced = writer.written().offset;
      }
    }
    raise(SIGKILL);
  }
  int status = 0;
  waitpid(child, &status, 0);
  const auto start = Clock::now();
  const auto report = expect(recover(path));
  row("recovery of an open file of 1 GiB after SIGKILL", "%.0f ms (%.1f M entries)", 1e3 * seconds_since(start),
      static_cast<double>(report.index.count) / 1e6);
  fs::remove(path);
}

double peak_mib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
  }
  return 0;
}

// Peak memory of a kind of work, in a process of its own, which prints it.
void bench_memory(const char* self, const fs::path& folder) {
  for (const char* work : {"write", "read", "seal", "read"}) {
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
      execl(self, self, work, (folder / "memory").c_str(), nullptr);
      _exit(127);
    }
    int status = 0;
    waitpid(child, &status, 0);
  }
}

// The entries would take memory themselves: these are made one at a time.
void work_alone(const char* work, const fs::path& path) {
  if (std::strcmp(work, "seal") == 0) return void(expect(seal(path)));
  if (std::strcmp(work, "read") == 0) return void(read_all(path));
  auto writer = expect(FileWriter::create(path, {.file_id = 1}));
  std::mt19937_64 random(7);
  for (std::uint64_t i = 0; i < 3'000'000; ++i) {
    const std::string text = "sshd[" + std::to_string(random() % 30'000) + "]: Failed password for invalid user u" +
                             std::to_string(random() % 1000) + " from 10.1." + std::to_string(random() % 256) + "." +
                             std::to_string(random() % 256) + " port " + std::to_string(random() % 65'536) + " ssh2";
    expect(writer.append(EntryView{"host.example", static_cast<Timestamp>(i * 1'000'003), LogFormat::text, text}));
  }
  expect(writer.close());
}

}  // namespace
}  // namespace towl::bench

int main(int argc, char** argv) {
  using namespace towl::bench;
  if (argc == 3) {
    work_alone(argv[1], argv[2]);
    row((std::string("peak memory: ") + argv[1] + " 3 million entries").c_str(), "%.1f MiB", peak_mib());
    return 0;
  }
  const fs::path folder = fs::temp_directory_path() / ("towl-frames-" + std::to_string(getpid()));
  fs::create_directories(folder);
  std::puts("| measured | |\n|---|---|");
  bench_append(folder);
  bench_recovery(folder);
  bench_append_beside_sealing(folder);
  bench_sealed(folder);
  bench_memory(argv[0], folder);
  fs::remove_all(folder);
}

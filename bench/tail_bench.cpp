// The file input at work, with a store below it.
//
//   tail_bench make FOLDER FILES LINES      files to be read: FILES of LINES lines each, of about 119 bytes
//   tail_bench backlog FOLDER LINES         reads FOLDER/*.log until LINES lines are stored: entries/s, CPU time
//   tail_bench live FILES RATE SECONDS      writes RATE lines a second into FILES files, from a process of its own, and
//                                           says how long each took until a reader may have it (durable); memory
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "inputs/file/file_input.hpp"
#include "log/logger.hpp"
#include "towl/file_reader.hpp"
#include "towl/mirror/store_state.hpp"
#include "towl/time.hpp"

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

struct Folder {
  Folder() {
    std::string name = (fs::temp_directory_path() / "towl-bench-XXXXXX").string();
    if (mkdtemp(name.data()) != nullptr) path = name;
  }
  ~Folder() { fs::remove_all(path); }
  fs::path path;
};

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_usec);
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long resident_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::strtol(line.c_str() + 6, nullptr, 10);
  }
  return 0;
}

std::string line_of(std::size_t file, std::size_t number) {
  std::string line = "Nov 21 10:" + std::to_string(10 + number / 60 % 50) + ":" + std::to_string(10 + number % 50) +
                     " host" + std::to_string(file % 7) + " app[" + std::to_string(1000 + file) + "]: request " +
                     std::to_string(number) + " from 10.0.0." + std::to_string(number % 250) + " took " +
                     std::to_string(number * 7 % 300) + " ms: GET /index.html 200 OK, 5121 bytes sent";
  line.resize(std::max<std::size_t>(line.size(), 118), '.');
  return line += '\n';
}

int make(const fs::path& folder, std::size_t files, std::size_t lines) {
  fs::create_directories(folder);
  for (std::size_t file = 0; file < files; ++file) {
    std::ofstream out(folder / (std::to_string(file) + ".log"));
    for (std::size_t i = 0; i < lines; ++i) out << line_of(file, i);
  }
  return 0;
}

/// An ingest and a file input on it.
struct Collection {
  Collection(const fs::path& logs, const fs::path& store) {
    const auto log = towld::make_logger({.level = towld::LogLevel::warning});
    auto started = towld::Ingest::start({.path = store}, log);
    if (!started) std::exit(2);
    ingest = std::move(*started);
    towld::InputContext context;
    context.name = "bench";
    context.ingest = ingest.get();
    context.counters = counters;
    context.sender = "host.example";
    context.log = log;
    auto input_started = towld::FileInput::start({.include = {(logs / "*.log").string()}}, context);
    if (!input_started) std::exit(2);
    input = std::move(*input_started);
  }
  ~Collection() {
    input->stop();
    (void)ingest->stop();
  }
  std::shared_ptr<towld::InputCounters> counters = std::make_shared<towld::InputCounters>();
  std::unique_ptr<towld::Ingest> ingest;
  std::unique_ptr<towld::FileInput> input;
};

int backlog(const fs::path& logs, std::uint64_t lines) {
  const Folder store;
  const auto begin = std::chrono::steady_clock::now();
  const double cpu = cpu_seconds();
  Collection collection(logs, store.path);
  while (collection.counters->stored < lines) std::this_thread::sleep_for(1ms);
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double used = cpu_seconds() - cpu;
  const auto count = static_cast<double>(lines);
  std::printf("%.0f entries/s, %.3f CPU s per million lines, %.1f MiB resident\n", count / seconds, used / count * 1e6,
              static_cast<double>(resident_kib()) / 1024);
  return 0;
}

/// Writes lines that begin with the time, each with a write(2) of its own, as loggers do.
[[noreturn]] void write_live(const fs::path& logs, std::size_t files, double rate, double seconds) {
  std::vector<int> open;
  std::vector<FILE*> streams;
  for (std::size_t i = 0; i < files; ++i) {
    streams.push_back(std::fopen((logs / (std::to_string(i) + ".log")).c_str(), "a"));
    std::setvbuf(streams.back(), nullptr, _IOLBF, 4096);
  }
  const auto begin = std::chrono::steady_clock::now();
  std::uint64_t written = 0;
  for (;;) {
    const double elapsed = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (elapsed > seconds) std::_Exit(0);
    for (; static_cast<double>(written) < elapsed * rate; ++written) {
      std::fprintf(streams[written % files], "%lld %s", static_cast<long long>(towl::now()),
                   line_of(written % files, written).c_str());
    }
    std::this_thread::sleep_for(200us);
  }
}

class Wake : public towl::StoreListener {
 public:
  void store_changed() override {
    const std::lock_guard lock(mutex_);
    changed_ = true;
    change_.notify_one();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    change_.wait_for(lock, 10ms, [&] { return changed_; });
    changed_ = false;
  }

 private:
  std::mutex mutex_;
  std::condition_variable change_;
  bool changed_ = false;
};

int live(std::size_t files, double rate, double seconds) {
  const Folder logs;
  const Folder store;
  const pid_t writer = fork();
  if (writer == 0) write_live(logs.path, files, rate, seconds);
  const double cpu = cpu_seconds();
  Collection collection(logs.path, store.path);
  const auto wake = std::make_shared<Wake>();
  collection.ingest->state().add(wake);
  std::vector<double> waits_ms;
  std::optional<towl::FileReader> reader;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  while (std::chrono::steady_clock::now() < end) {
    const auto state = collection.ingest->state().get();
    if (state.open && state.open->end.ordinal > waits_ms.size()) {
      if (!reader) {
        auto opened = towl::FileReader::open(store.path / "1.towl");
        if (!opened) return 2;
        reader = std::move(*opened);
      }
      while (waits_ms.size() < state.open->end.ordinal) {
        const auto entry = reader->next();
        if (!entry || !*entry) break;
        const auto written = std::strtoll(std::string((*entry)->log_entry.substr(0, 20)).c_str(), nullptr, 10);
        waits_ms.push_back(1e-6 * static_cast<double>(towl::now() - written));
      }
    }
    wake->wait();
  }
  waitpid(writer, nullptr, 0);
  const double used = cpu_seconds() - cpu;
  const auto count = waits_ms.size();
  // The first half second is the start.
  waits_ms.erase(waits_ms.begin(),
                 waits_ms.begin() + static_cast<long>(std::min<double>(static_cast<double>(count) / 2, rate / 2)));
  std::sort(waits_ms.begin(), waits_ms.end());
  if (waits_ms.empty()) return 2;
  std::printf("%zu entries; visible after p50 %.1f ms, p99 %.1f ms; %.2f CPU s per second; %.1f MiB resident\n", count,
              waits_ms[waits_ms.size() / 2], waits_ms[waits_ms.size() * 99 / 100], used / seconds,
              static_cast<double>(resident_kib()) / 1024);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto number = [&](std::size_t at) { return std::strtod(arguments[at].c_str(), nullptr); };
  if (arguments.size() == 4 && arguments[0] == "make") {
    return make(arguments[1], static_cast<std::size_t>(number(2)), static_cast<std::size_t>(number(3)));
  }
  if (arguments.size() == 3 && arguments[0] == "backlog")
    return backlog(arguments[1], static_cast<std::uint64_t>(number(2)));
  if (arguments.size() == 4 && arguments[0] == "live")
    return live(static_cast<std::size_t>(number(1)), number(2), number(3));
  std::fputs("usage: tail_bench make FOLDER FILES LINES | backlog FOLDER LINES | live FILES RATE SECONDS\n", stderr);
  return 2;
}

// Makes a store of many small sealed files from real logs, for bench/filters: the cost of filters, and of sealing.
//
//     filters_bench STORE PLAIN FILES LINES LOG...
//
// FILES files of LINES lines each, taken in turn from the logs, go to STORE as towl files, sealed, and to PLAIN as text; every
// tenth line gets an identifier of its own at its end. With FILES 0 each log is a file of its own, as it is.
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "towl/file_name.hpp"
#include "towl/file_writer.hpp"
#include "towl/seal.hpp"
#include "towl/store_filters.hpp"

namespace {

namespace fs = std::filesystem;

double cpu_seconds() {
  timespec time = {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

template <class T>
T value(towl::Result<T> result) {
  if (result) return std::move(*result);
  std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
  std::exit(1);
}

template <class T>
void check(const towl::Result<T>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().to_string().c_str());
  std::exit(1);
}

std::vector<std::string> lines_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

struct Totals {
  std::uint64_t text = 0;
  std::uint64_t sealed = 0;
  double sealing = 0;
};

void write(const fs::path& store, const fs::path& plain, towl::FileId id, const std::vector<std::string>& lines,
           Totals& totals) {
  const fs::path path = store / towl::file_name(id);
  auto writer = value(towl::FileWriter::create(path, {.file_id = id, .title = "bench"}));
  std::ofstream text(plain / (std::to_string(id) + ".log"), std::ios::binary);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    check(writer.append(
        towl::Entry("host", static_cast<towl::Timestamp>(i) * 1'000'000, towl::LogFormat::text, lines[i])));
    text << lines[i] << '\n';
    totals.text += lines[i].size() + 1;
  }
  check(writer.close());
  const double begun = cpu_seconds();
  std::string filter;
  const auto report = value(towl::seal(path, {}, &filter));
  check(towl::add_filter(path, filter));
  totals.sealing += cpu_seconds() - begun;
  totals.sealed += report.bytes_after;
}

void tell(const char* what, const fs::path& store, const Totals& totals) {
  const auto filters = static_cast<double>(fs::file_size(store / towl::kFiltersName));
  std::printf("%s: %.1f MB of text, %.2f MB sealed, filters %.3f MB: %.2f %% of the files; sealed with %.0f MB/s\n",
              what, static_cast<double>(totals.text) / 1e6, static_cast<double>(totals.sealed) / 1e6, filters / 1e6,
              100 * filters / static_cast<double>(totals.sealed),
              static_cast<double>(totals.text) / 1e6 / totals.sealing);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 6) {
    std::fprintf(stderr, "filters_bench STORE PLAIN FILES LINES LOG...\n");
    return 2;
  }
  const fs::path store = argv[1];
  const fs::path plain = argv[2];
  const auto files = static_cast<towl::FileId>(std::atol(argv[3]));
  const auto count = static_cast<std::size_t>(std::atol(argv[4]));
  fs::create_directories(store);
  fs::create_directories(plain);
  std::vector<std::vector<std::string>> logs;
  for (int i = 5; i < argc; ++i) logs.push_back(lines_of(argv[i]));
  std::mt19937_64 random(1);
  if (files == 0) {
    for (std::size_t i = 0; i < logs.size(); ++i) {
      Totals totals;
      fs::remove(store / towl::kFiltersName);
      write(store, plain, i + 1, logs[i], totals);
      tell(fs::path(argv[5 + i]).filename().c_str(), store, totals);
    }
  } else {
    Totals totals;
    std::vector<std::size_t> next(logs.size());
    for (towl::FileId id = 1; id <= files; ++id) {
      const std::size_t log = id % logs.size();
      std::vector<std::string> lines;
      for (std::size_t i = 0; i < count; ++i) {
        lines.push_back(logs[log][next[log]++ % logs[log].size()]);
        char text[32];
        std::snprintf(text, sizeof text, " %016llx", static_cast<unsigned long long>(random()));
        if (i % 10 == 0) lines.back() += text;
      }
      write(store, plain, id, lines, totals);
    }
    tell("all", store, totals);
  }
  fs::rename(store / towl::kFiltersName, store / "kept");
  const double begun = cpu_seconds();
  const auto made = value(towl::update_filters(store));
  std::printf("made again from %llu files in %.2f CPU seconds, %.3f MB\n", static_cast<unsigned long long>(made.made),
              cpu_seconds() - begun, static_cast<double>(made.bytes) / 1e6);
  const double again = cpu_seconds();
  value(towl::update_filters(store));
  std::printf("nothing to make: %.3f CPU seconds\n", cpu_seconds() - again);
  return 0;
}

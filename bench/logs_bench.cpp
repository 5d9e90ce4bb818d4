// logs_bench: how small and how fast complete logs are sealed, and what takes the room. See bench/README.md.
//
//   logs_bench [--quick] PATH…
//
// Each PATH is a file of text lines, or a folder of them. A log is written as a file of format 2 below $TMPDIR, sealed,
// read back and compared. Its lines have one sender, and are received 1,000 at a time, a millisecond apart, as by an
// agent that reads a file. Times are CPU seconds of this process: other programs may be busy. --quick leaves out
// zstd -19.
#include <sys/resource.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"
#include "towl/seal.hpp"
#include "v1/entry_codec.hpp"
#include "v2/columns.hpp"
#include "v2/footer_io.hpp"
#include "v2/frame_cursor.hpp"
#include "v2/header_io.hpp"
#include "v2/sections.hpp"

namespace towl::bench {
namespace {

namespace fs = std::filesystem;
using namespace detail;

constexpr Timestamp kStart = 1'768'608'000'000'000'000;
constexpr std::size_t kBatch = 1000;
// Sections that zstd makes hardly smaller are random, as far as anybody can tell: keys, addresses, ids.
constexpr double kRandomShare = 0.97;
constexpr std::size_t kLeastRandom = 256;

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

template <class T>
T expect(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "logs_bench: %s\n", result.error().to_string().c_str());
    std::exit(2);
  }
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}

std::size_t zstd_bytes(const std::string& bytes, int level) {
  std::string packed(ZSTD_compressBound(bytes.size()), '\0');
  return ZSTD_compress(packed.data(), packed.size(), bytes.data(), bytes.size(), level);
}

struct Log {
  std::string name;
  std::vector<std::string> lines;
  std::vector<EntryView> entries;
  std::string text;
  std::string v1;
};

Log read_log(const fs::path& path) {
  Log log{.name = path.filename().string(), .lines = {}, .entries = {}, .text = {}, .v1 = {}};
  std::ifstream file(path, std::ios::binary);
  for (std::string line; std::getline(file, line);) log.lines.push_back(line);
  for (const std::string& line : log.lines) {
    const auto batch = static_cast<Timestamp>(log.entries.size() / kBatch);
    log.entries.push_back({"host.example", kStart + batch * 1'000'000, LogFormat::text, line});
    v1::encode_entry(log.entries.back(), log.v1);
    log.text.append(line).push_back('\n');
  }
  return log;
}

// What a sealed file is made of, in bytes.
struct Parts {
  std::uint64_t frames = 0;
  std::uint64_t descriptions = 0;
  std::uint64_t words = 0;
  std::uint64_t numbers = 0;
  std::uint64_t filters = 0;
  std::uint64_t random = 0;
  std::uint64_t all = 0;
};

void add_payload(std::string_view payload, Parts& parts) {
  v2::ByteReader reader(payload);
  (void)reader.byte();
  (void)reader.varint();
  const std::uint64_t count = reader.varint();
  for (std::uint64_t i = 0; i < count && reader.ok(); ++i) {
    const std::uint64_t raw = reader.varint();
    const std::uint64_t stored = reader.varint();
    (i < v2::kWords                         ? parts.descriptions
     : i == v2::kWords || i == v2::kLengths ? parts.words
                                            : parts.numbers) += stored;
    if (raw >= kLeastRandom && static_cast<double>(stored) >= kRandomShare * static_cast<double>(raw)) {
      parts.random += stored;
    }
  }
}

Parts parts_of(const fs::path& path) {
  FileLayer& layer = posix_file_layer();
  const auto file = expect(layer.open(path, OpenMode::read));
  const auto page = expect(v2::read_header_page(*file));
  v2::FrameCursor cursor(*file, v2::file_tag(page.header.uuid), v2::kFramesOffset);
  Parts parts;
  parts.all = fs::file_size(path);
  v2::FrameHeader header;
  std::string_view payload;
  while (expect(cursor.header(header)) == v2::FrameFound::frame &&
         expect(cursor.payload(header, payload)) == v2::FrameFound::frame) {
    if (header.kind == v2::FrameKind::data) ++parts.frames;
    if (header.kind == v2::FrameKind::filter) parts.filters += header.bytes();
    if (header.layout == v2::Layout::columns) add_payload(payload, parts);
    cursor.move_to(cursor.offset() + header.bytes());
  }
  return parts;
}

// The size of the received times: what is saved when all are equal.
std::uint64_t times_bytes(const Log& log) {
  std::uint64_t bytes[2] = {};
  for (const bool alike : {false, true}) {
    v2::ColumnEncoder encoder;
    std::vector<EntryView> frame;
    std::size_t text_bytes = 0;
    std::string payload;
    const auto flush = [&] {
      if (!frame.empty()) encoder.encode(frame, payload);
      bytes[alike ? 1 : 0] += payload.size();
      payload.clear();
      frame.clear();
      text_bytes = 0;
    };
    for (EntryView entry : log.entries) {
      if (alike) entry.received = kStart;
      if (text_bytes + entry.log_entry.size() > v2::kSealedFrameBytes || frame.size() == v2::kMaxFrameEntries) flush();
      text_bytes += entry.log_entry.size();
      frame.push_back(entry);
    }
    flush();
  }
  return bytes[0] - std::min(bytes[0], bytes[1]);
}

void read_back(const fs::path& path, const Log& log) {
  auto reader = expect(FileReader::open(path));
  for (const EntryView& wanted : log.entries) {
    const auto entry = expect(reader.next());
    if (!entry || *entry != wanted) {
      std::fprintf(stderr, "logs_bench: %s: an entry came back as another\n", log.name.c_str());
      std::exit(1);
    }
  }
}

// CPU seconds of the quickest of several scans.
double scan_seconds(const fs::path& path) {
  double best = 1e9;
  for (int round = 0; round < 7; ++round) {
    const double start = cpu_seconds();
    auto reader = expect(FileReader::open(path));
    while (expect(reader.next())) {
    }
    best = std::min(best, cpu_seconds() - start);
  }
  return best;
}

// CPU milliseconds to open the file and read one entry anywhere, on average.
double seek_ms(const fs::path& path, std::size_t count) {
  constexpr int kRounds = 40;
  std::mt19937_64 random(1);
  const double start = cpu_seconds();
  for (int round = 0; round < kRounds; ++round) {
    auto reader = expect(FileReader::open(path));
    expect(reader.seek(random() % count));
    expect(reader.next());
  }
  return (cpu_seconds() - start) / kRounds * 1e3;
}

struct Totals {
  std::uint64_t text = 0;
  double seal_seconds = 0;
};

void measure(const Log& log, bool quick, const fs::path& folder, Totals& totals) {
  const fs::path path = folder / "1.towl";
  auto writer = expect(FileWriter::create(path, {.file_id = 1, .format = FileFormat::v2}));
  for (std::size_t at = 0; at < log.entries.size(); at += kBatch) {
    expect(writer.append(std::span(log.entries).subspan(at, std::min(kBatch, log.entries.size() - at))));
  }
  expect(writer.close());
  const double start = cpu_seconds();
  expect(seal(path));
  const double seal_seconds = cpu_seconds() - start;
  read_back(path, log);
  const Parts parts = parts_of(path);
  const auto size = static_cast<double>(parts.all);
  const auto share = [&](std::uint64_t bytes) { return 100 * static_cast<double>(bytes) / size; };
  const std::size_t z19 = quick ? 0 : zstd_bytes(log.v1, 19);
  const std::size_t z3 = zstd_bytes(log.text, 3);
  const auto text = static_cast<double>(log.text.size());
  const std::uint64_t times = times_bytes(log);
  const std::uint64_t rest = parts.all - parts.filters - parts.words - parts.numbers - parts.descriptions;
  std::printf(
      "| %s | %.1f | %zu | %zu | %ju | %.1f | %.2f | %.2f | %.0f%% | %.0f%% | %.0f%% | %.0f%% | %.0f%% | %.0f%% | "
      "%.0f%% | %.0f | %.2f | %.1f |\n",
      log.name.c_str(), text / 1e6, z19, z3, static_cast<std::uintmax_t>(parts.all), text / size,
      static_cast<double>(z19) / size, static_cast<double>(z3) / size, share(times), share(parts.descriptions),
      share(parts.words), share(parts.numbers), share(parts.filters), share(rest), share(parts.random),
      text / 1e6 / seal_seconds, text / 1e9 / scan_seconds(path), seek_ms(path, log.entries.size()));
  std::fflush(stdout);
  totals.text += log.text.size();
  totals.seal_seconds += seal_seconds;
  fs::remove(path);
}

int run(int count, char** arguments) {
  bool quick = false;
  std::vector<fs::path> files;
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--quick") {
      quick = true;
    } else if (fs::is_directory(argument)) {
      for (const auto& entry : fs::directory_iterator(argument)) {
        if (entry.is_regular_file() && entry.file_size() > 0) files.push_back(entry.path());
      }
    } else {
      files.emplace_back(argument);
    }
  }
  if (files.empty()) {
    std::fprintf(stderr, "usage: logs_bench [--quick] PATH…: files of text lines, or folders of them\n");
    return 2;
  }
  std::sort(files.begin(), files.end());
  const fs::path folder = fs::temp_directory_path() / ("logs_bench." + std::to_string(getpid()));
  fs::create_directory(folder);
  std::puts(
      "| log | MB | v1, -19 | text, -3 | sealed | text : sealed | v1, -19 : sealed | text, -3 : sealed | times | "
      "descriptions | words | numbers, places | filters | frames, pages | random | seal MB/s | scan GB/s | seek ms |\n"
      "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
  Totals totals;
  for (const fs::path& file : files) {
    const Log log = read_log(file);
    if (!log.entries.empty()) measure(log, quick, folder, totals);
  }
  fs::remove_all(folder);
  std::printf("\nall: %.1f MB sealed at %.0f MB a CPU second\n", static_cast<double>(totals.text) / 1e6,
              static_cast<double>(totals.text) / 1e6 / totals.seal_seconds);
  return 0;
}

}  // namespace
}  // namespace towl::bench

int main(int count, char** arguments) { return towl::bench::run(count, arguments); }

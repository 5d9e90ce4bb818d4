// Files of format 1: writing, reading, skipping. Each run writes a file of its own in $TMPDIR and removes it.
//
// The peer of an append is write(2) of the same number of bytes in 64 KiB pieces to the same place: measured in turn
// with it, printed as `of_write2`, the share of the peer's speed that is reached.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"

namespace {

using namespace towl;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// A folder that goes with its owner.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / ("towl-bench-" + std::to_string(getpid()))) {
    fs::create_directories(path_);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { fs::remove_all(path_); }
  fs::path file() const { return path_ / "1.towl"; }
  fs::path peer() const { return path_ / "peer"; }

 private:
  fs::path path_;
};

constexpr std::size_t kBatch = 100;

std::vector<EntryView> make_batch(const std::string& text) {
  std::vector<EntryView> batch;
  for (std::size_t i = 0; i < kBatch; ++i) {
    batch.push_back({"host.example", 1'768'660'200'123'456'789 + static_cast<Timestamp>(i), LogFormat::text, text});
  }
  return batch;
}

// Writes `count` entries in batches; returns the file's size, 0 on an error.
std::uint64_t write_file(const fs::path& path, std::uint64_t count, const std::vector<EntryView>& batch) {
  auto writer = FileWriter::create(path, {.file_id = 1});
  if (!writer) return 0;
  for (std::uint64_t i = 0; i < count; i += batch.size()) {
    if (!writer->append(batch)) return 0;
  }
  return writer->flush() ? writer->written().offset : 0;
}

double write_peer(const fs::path& path, std::uint64_t bytes) {
  const std::string piece(64 << 10, 'x');
  const auto start = Clock::now();
  const int descriptor = open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  for (std::uint64_t done = 0; done < bytes; done += piece.size()) {
    if (write(descriptor, piece.data(), piece.size()) < 0) break;
  }
  close(descriptor);
  return seconds_since(start);
}

std::uint64_t read_file(const fs::path& path) {
  auto reader = FileReader::open(path);
  if (!reader) return 0;
  std::uint64_t count = 0;
  for (auto entry = reader->next(); entry && *entry; entry = reader->next()) {
    benchmark::DoNotOptimize(**entry);
    ++count;
  }
  return count;
}

// The seed's own benchmark: 50,000 entries, written and then read back.
void Write50000(benchmark::State& state) {
  Folder folder;
  const std::string text(80, 'x');
  const auto batch = make_batch(text);
  for (auto _ : state) {
    fs::remove(folder.file());
    if (write_file(folder.file(), 50'000, batch) == 0) state.SkipWithError("cannot write");
  }
  state.SetItemsProcessed(state.iterations() * 50'000);
}
BENCHMARK(Write50000)->Unit(benchmark::kMillisecond)->UseRealTime();

void Read50000(benchmark::State& state) {
  Folder folder;
  const std::string text(80, 'x');
  write_file(folder.file(), 50'000, make_batch(text));
  for (auto _ : state) {
    if (read_file(folder.file()) != 50'000) state.SkipWithError("cannot read");
  }
  state.SetItemsProcessed(state.iterations() * 50'000);
}
BENCHMARK(Read50000)->Unit(benchmark::kMillisecond)->UseRealTime();

// Batches of 100 entries of about 150 stored bytes, 300 MB a round, to the page cache.
void AppendBatchOf100(benchmark::State& state) {
  Folder folder;
  const std::string text(80, 'x');
  const auto batch = make_batch(text);
  constexpr std::uint64_t kCount = 2'000'000;
  double own_seconds = 0;
  double peer_seconds = 0;
  std::uint64_t bytes = 0;
  for (auto _ : state) {
    fs::remove(folder.file());
    const auto start = Clock::now();
    bytes = write_file(folder.file(), kCount, batch);
    const double seconds = seconds_since(start);
    if (bytes == 0) state.SkipWithError("cannot write");
    own_seconds += seconds;
    peer_seconds += write_peer(folder.peer(), bytes);
    fs::remove(folder.peer());
    state.SetIterationTime(seconds);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kCount));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
  state.counters["of_write2"] = peer_seconds / own_seconds;
}
BENCHMARK(AppendBatchOf100)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(8);

constexpr std::uint64_t kGigabyteCount = 6'900'000;

void ReadGigabyte(benchmark::State& state) {
  Folder folder;
  const std::string text(80, 'x');
  const std::uint64_t bytes = write_file(folder.file(), kGigabyteCount, make_batch(text));
  for (auto _ : state) {
    if (read_file(folder.file()) != kGigabyteCount) state.SkipWithError("cannot read");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kGigabyteCount));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(ReadGigabyte)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

void SkipGigabyte(benchmark::State& state) {
  Folder folder;
  const std::string text(80, 'x');
  write_file(folder.file(), kGigabyteCount, make_batch(text));
  for (auto _ : state) {
    auto reader = FileReader::open(folder.file());
    if (!reader || reader->skip_to_end()->ordinal != kGigabyteCount) state.SkipWithError("cannot skip");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(kGigabyteCount));
}
BENCHMARK(SkipGigabyte)->Unit(benchmark::kMillisecond)->UseRealTime()->Iterations(5);

}  // namespace

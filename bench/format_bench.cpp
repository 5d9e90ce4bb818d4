// The parts of format 1: encoding, decoding and skipping an entry, times, the checksum.
#include <benchmark/benchmark.h>

#include <string>

#include "crc32c.hpp"
#include "towl/time.hpp"
#include "v1/entry_codec.hpp"

namespace {

using namespace towl;
using namespace towl::detail;

// About 150 bytes stored: a log line of 80 bytes with its sender and a time of nine digits.
const std::string kText(80, 'x');
const EntryView kEntry{"host.example", 1'768'660'200'123'456'789, LogFormat::text, kText};

void EncodeEntry(benchmark::State& state) {
  std::string bytes;
  v1::EntryEncoder encoder(bytes);
  for (auto _ : state) {
    bytes.clear();
    encoder.encode(kEntry);
    benchmark::DoNotOptimize(bytes.data());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(EncodeEntry);

void DecodeEntry(benchmark::State& state) {
  std::string bytes;
  v1::encode_entry(kEntry, bytes);
  EntryView entry;
  v1::EntryDecoder decoder;
  for (auto _ : state) {
    benchmark::DoNotOptimize(decoder.decode(bytes, entry));
    benchmark::DoNotOptimize(entry);
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(DecodeEntry);

void SkipEntry(benchmark::State& state) {
  std::string bytes;
  v1::encode_entry(kEntry, bytes);
  v1::EntryDecoder decoder;
  for (auto _ : state) benchmark::DoNotOptimize(decoder.skip(bytes));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(SkipEntry);

void FormatTime(benchmark::State& state) {
  Timestamp time = kEntry.received;
  for (auto _ : state) benchmark::DoNotOptimize(format_rfc3339(++time));
}
BENCHMARK(FormatTime);

void ParseTime(benchmark::State& state) {
  const Rfc3339 text = format_rfc3339(kEntry.received);
  for (auto _ : state) benchmark::DoNotOptimize(parse_rfc3339(text.view()));
}
BENCHMARK(ParseTime);

void Crc32c(benchmark::State& state) {
  const std::string bytes(64 << 10, 'x');
  for (auto _ : state) benchmark::DoNotOptimize(crc32c(bytes));
  state.SetBytesProcessed(state.iterations() * 64 << 10);
}
BENCHMARK(Crc32c);

}  // namespace

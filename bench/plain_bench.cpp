// plain_bench: the library's files against what a program would write by itself: format 1's bytes, field by field, with
// stdio. Both in turns, five million entries of syslog, one at a time, to the page cache; a table in Markdown.
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "sample_logs.hpp"
#include "towl/file_reader.hpp"
#include "towl/file_writer.hpp"
#include "towl/time.hpp"

namespace towl::bench {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kCount = 5'000'000;
constexpr int kRounds = 3;

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "plain_bench: %s\n", why.c_str());
  std::exit(2);
}

void put_string(std::string_view text, std::FILE* file) {
  const std::uint64_t bytes = text.size();
  std::fwrite(&bytes, sizeof bytes, 1, file);
  std::fwrite(text.data(), 1, text.size(), file);
}

bool get_string(std::string& text, std::FILE* file) {
  std::uint64_t bytes = 0;
  if (std::fread(&bytes, sizeof bytes, 1, file) != 1) return false;
  text.resize(bytes);
  return std::fread(text.data(), 1, bytes, file) == bytes;
}

void write_plain(const fs::path& path, const std::vector<EntryView>& entries) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) give_up("cannot create the plain file");
  for (std::uint64_t i = 0; i < kCount; ++i) {
    const EntryView& entry = entries[i % entries.size()];
    put_string(entry.sender, file);
    put_string(format_rfc3339(entry.received).view(), file);
    const auto format = static_cast<std::int32_t>(entry.log_format);
    std::fwrite(&format, sizeof format, 1, file);
    put_string(entry.log_entry, file);
  }
  if (std::fclose(file) != 0) give_up("cannot write the plain file");
}

std::uint64_t read_plain(const fs::path& path) {
  std::FILE* file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) give_up("cannot open the plain file");
  std::string sender;
  std::string time;
  std::string text;
  std::int32_t format = 0;
  std::uint64_t sum = 0;
  while (get_string(sender, file) && get_string(time, file) && std::fread(&format, sizeof format, 1, file) == 1 &&
         get_string(text, file)) {
    sum += sender.size() + text.size() + static_cast<std::uint64_t>(parse_rfc3339(time).value_or(0) & 1);
  }
  std::fclose(file);
  return sum;
}

void write_towl(const fs::path& path, const std::vector<EntryView>& entries, bool compress) {
  auto writer = FileWriter::create(path, {.file_id = 1}, {.compress = compress});
  if (!writer) give_up(writer.error().to_string());
  for (std::uint64_t i = 0; i < kCount; ++i) {
    if (auto appended = writer->append(entries[i % entries.size()]); !appended) give_up(appended.error().to_string());
  }
  if (auto flushed = writer->flush(); !flushed) give_up(flushed.error().to_string());
}

std::uint64_t read_towl(const fs::path& path) {
  auto reader = FileReader::open(path);
  if (!reader) give_up(reader.error().to_string());
  std::uint64_t sum = 0;
  for (auto entry = reader->next();; entry = reader->next()) {
    if (!entry) give_up(entry.error().to_string());
    if (!*entry) return sum;
    sum += (*entry)->sender.size() + (*entry)->log_entry.size() + static_cast<std::uint64_t>((*entry)->received & 1);
  }
}

template <class Work>
double seconds_of(Work work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void run(const fs::path& folder) {
  const SampleLog log = make_syslog(std::size_t{20} << 20);
  const std::vector<EntryView> entries(log.entries.begin(), log.entries.end());
  const fs::path plain = folder / "plain";
  const fs::path towl = folder / "1.towl";
  double best[6] = {1e9, 1e9, 1e9, 1e9, 1e9, 1e9};
  for (int round = 0; round < kRounds; ++round) {
    fs::remove(plain);
    fs::remove(towl);
    best[0] = std::min(best[0], seconds_of([&] { write_plain(plain, entries); }));
    best[1] = std::min(best[1], seconds_of([&] { write_towl(towl, entries, false); }));
    std::uint64_t sums[3] = {};
    best[2] = std::min(best[2], seconds_of([&] { sums[0] = read_plain(plain); }));
    best[3] = std::min(best[3], seconds_of([&] { sums[1] = read_towl(towl); }));
    fs::remove(towl);
    best[4] = std::min(best[4], seconds_of([&] { write_towl(towl, entries, true); }));
    best[5] = std::min(best[5], seconds_of([&] { sums[2] = read_towl(towl); }));
    if (sums[0] != sums[1] || sums[0] != sums[2]) give_up("what was read differs");
  }
  std::puts("| 5 million entries, one at a time | entries/s | of plain stdio |\n|---|---|---|");
  const auto row = [](const char* what, double seconds, double peer) {
    std::printf("| %s | %.1f M | %.2f |\n", what, static_cast<double>(kCount) / 1e6 / seconds, peer / seconds);
  };
  row("append, fwrite of format 1", best[0], best[0]);
  row("append, FileWriter", best[1], best[0]);
  row("append, FileWriter, compressing", best[4], best[0]);
  row("read, fread of format 1", best[2], best[2]);
  row("read, FileReader", best[3], best[2]);
  row("read, FileReader, what was compressed", best[5], best[2]);
}

}  // namespace
}  // namespace towl::bench

int main() {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("towl-plain-" + std::to_string(getpid()));
  fs::create_directories(folder);
  towl::bench::run(folder);
  fs::remove_all(folder);
}

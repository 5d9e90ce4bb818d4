// Entries as tables: a store to measure with, and reading it through the C ABI.
//
//   tables_bench make DIR ENTRIES text|json     a store of sealed files of 500,000 entries, of 8 hosts and 200,000 a minute;
//                                               1 in 100 messages has the word "timeout"
//   tables_bench read DIR COLUMNS [THREADS]     all entries through towl_query(), nothing done with them
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "towl.h"
#include "towl/seal.hpp"
#include "towl/store.hpp"

namespace {

constexpr std::size_t kBatch = 5000;

std::string message_of(std::uint64_t number, std::mt19937_64& random) {
  const bool is_slow = random() % 100 == 0;
  return "request " + std::to_string(random() % 1'000'000'000) + " of user " + std::to_string(random() % 5000) +
         " to /api/v1/items/" + std::to_string(number % 997) + (is_slow ? " ended by a timeout after " : " took ") +
         std::to_string(random() % 3000) + " ms";
}

int make(const std::string& folder, std::uint64_t entries, bool json) {
  auto writer = towl::StoreWriter::open(folder, {.title = "bench", .partition = {.max_entries = 500'000}});
  if (!writer) return std::fprintf(stderr, "%s\n", writer.error().to_string().c_str()), 2;
  std::mt19937_64 random(1);
  for (std::uint64_t done = 0; done < entries;) {
    std::vector<towl::Entry> batch;
    for (; batch.size() < kBatch && done < entries; ++done) {
      const towl::Timestamp time = 1'768'660'200'000'000'000 + static_cast<towl::Timestamp>(done) * 300'000;
      const std::string host = "web-" + std::to_string(random() % 8);
      const std::string text = message_of(done, random);
      const std::string line = json ? R"({"MESSAGE":")" + text + R"(","PRIORITY":")" + std::to_string(random() % 8) +
                                          R"(","SYSLOG_IDENTIFIER":"api","STATUS":")" +
                                          std::to_string(200 + random() % 300) + "\"}"
                                    : text;
      batch.emplace_back(host, time, json ? towl::LogFormat::journal_json : towl::LogFormat::text, line);
    }
    const std::vector<towl::EntryView> views(batch.begin(), batch.end());
    if (auto stored = writer->append(views); !stored)
      return std::fprintf(stderr, "%s\n", stored.error().to_string().c_str()), 2;
  }
  if (auto closed = writer->close(true); !closed) return 2;
  const auto store = towl::Store::open(folder);
  const auto listing = store ? store->list() : tl::unexpected(store.error());
  if (!listing) return 2;
  for (const auto& file : listing->files) {
    if (auto sealed = towl::seal(file.path); !sealed)
      return std::fprintf(stderr, "%s\n", sealed.error().to_string().c_str()), 2;
  }
  return 0;
}

int read(const char* folder, const char* columns, std::uint32_t threads) {
  char* error = nullptr;
  towl_store* store = towl_open(folder, &error);
  towl_query_options options = TOWL_QUERY_OPTIONS_INIT;
  options.columns = columns;
  options.threads = threads;
  ArrowArrayStream stream;
  const auto begin = std::chrono::steady_clock::now();
  if (store == nullptr || towl_query(store, &options, &stream, &error) != TOWL_OK) {
    std::fprintf(stderr, "%s\n", error);
    return 2;
  }
  std::int64_t rows = 0;
  for (ArrowArray batch; stream.get_next(&stream, &batch) == 0 && batch.release != nullptr; batch.release(&batch))
    rows += batch.length;
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("%lld entries in %.2f s: %.2f million a second\n", static_cast<long long>(rows), seconds,
              static_cast<double>(rows) / seconds / 1e6);
  stream.release(&stream);
  towl_close(store);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view command = argc > 1 ? argv[1] : "";
  if (command == "make" && argc == 5)
    return make(argv[2], std::strtoull(argv[3], nullptr, 10), std::string_view(argv[4]) == "json");
  if (command == "read" && argc >= 4)
    return read(argv[2], argv[3], argc > 4 ? static_cast<std::uint32_t>(std::atoi(argv[4])) : 1);
  std::fprintf(stderr, "tables_bench make DIR ENTRIES text|json | read DIR COLUMNS [THREADS]\n");
  return 2;
}

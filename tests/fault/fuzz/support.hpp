// What the fuzz targets share: a check that ends the program, a reader of inputs, and a bounded reader of whole files.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "towl/file_reader.hpp"
#include "towl/memory_file_layer.hpp"

namespace towl::fuzz {

inline constexpr const char* kPath = "/1.towl";

/// Ends the program if a promise is broken: that is what a fuzzer looks for.
inline void require(bool kept, const char* promise) {
  if (kept) return;
  std::fprintf(stderr, "broken: %s\n", promise);
  std::abort();
}

/// Takes an input apart; after its end there are zeros.
class Input {
 public:
  explicit Input(std::string_view bytes) : left_(bytes) {}
  Input(const std::uint8_t* data, std::size_t size) : left_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return left_.empty(); }

  std::uint8_t byte() { return static_cast<std::uint8_t>(take(1)); }
  std::uint64_t take(std::size_t bytes) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes && !left_.empty(); ++i) {
      value |= std::uint64_t{static_cast<std::uint8_t>(left_.front())} << (8 * i);
      left_.remove_prefix(1);
    }
    return value;
  }
  std::string_view rest() { return std::exchange(left_, {}); }

 private:
  std::string_view left_;
};

/// To examine a crash: with TOWL_FUZZ_TRACE=FOLDER in the environment the file is saved there after each step.
inline void trace(const MemoryFileLayer& layer, const char* step, const char* path = kPath) {
  static const char* const folder = std::getenv("TOWL_FUZZ_TRACE");
  static unsigned number = 0;
  if (folder == nullptr) return;
  std::ofstream(std::string(folder) + "/" + std::to_string(++number) + "-" + step, std::ios::binary)
      << layer.contents(path);
}

/// What a file serves: its entries by ordinal.
struct Served {
  std::map<Ordinal, Entry> entries;
  bool opened = false;
  bool damaged = false;  ///< There were errors on the way.
  bool all = false;      ///< False if it was more than a fuzzer has time for.
};

/// Reads a file to its end, also after damage. An input of a few kilobytes may unpack to gigabytes: it stops somewhere.
inline Served read_served(MemoryFileLayer& layer, const char* path = kPath) {
  constexpr std::size_t kMaxEntries = 20'000;
  constexpr std::size_t kMaxBytes = std::size_t{4} << 20;
  Served served;
  auto reader = FileReader::open(path, {.max_entry_bytes = std::size_t{1} << 20, .layer = &layer});
  if (!reader) return served;
  served.opened = true;
  // Each frame, and each place where one might begin, may be an error once; too large entries have their own.
  std::size_t errors_left = layer.contents(path).size() / 4 + 16;
  std::size_t bytes = 0;
  Ordinal next = 0;
  while (served.entries.size() < kMaxEntries && bytes < kMaxBytes) {
    const auto entry = reader->next();
    if (!entry) {
      served.damaged = true;
      // Columns that a later version has encoded are reported, and skipped like damage.
      require(entry.error().code == ErrorCode::corrupt || entry.error().code == ErrorCode::entry_too_large ||
                  entry.error().code == ErrorCode::unsupported_version,
              "reading a file in memory fails for damage alone");
      if (!reader->continues_behind_damage()) break;
      if (entry.error().code == ErrorCode::entry_too_large) {
        bytes += std::size_t{1} << 20;
        continue;
      }
      require(errors_left-- > 0, "reading goes on behind damage: it ends");
      continue;
    }
    if (!*entry) {
      const auto again = reader->next();
      require(again && !*again, "the end stays the end");
      served.all = true;
      break;
    }
    require(reader->ordinal() >= next, "ordinals ascend");
    next = reader->ordinal() + 1;
    bytes += (*entry)->sender.size() + (*entry)->log_entry.size();
    served.entries.emplace(reader->ordinal(), Entry(**entry));
  }
  if (!reader->continues_behind_damage() && served.damaged) served.all = true;
  return served;
}

}  // namespace towl::fuzz

// What tests of files and stores need again and again: entries by number, and all entries of a file.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "towl/file_reader.hpp"
#include "towl/store.hpp"

namespace towl::test {

/// The text of entry `number`: 0 to 40 bytes, all different.
inline std::string numbered_text(std::uint64_t number) {
  return "entry " + std::to_string(number) + std::string(static_cast<std::size_t>(number % 7) * 5, '.');
}

/// Entry `number`: its time has 0, 3, 6 or 9 digits in turn.
inline Entry numbered_entry(std::uint64_t number) {
  constexpr Timestamp kStart = 1'768'660'200'000'000'000;
  const Timestamp steps[] = {0, 1'000'000, 1'000, 1};
  return {"host-" + std::to_string(number % 3),
          kStart + static_cast<Timestamp>(number) * kNanosecondsPerSecond + steps[number % 4], LogFormat::text,
          numbered_text(number)};
}

inline std::vector<Entry> numbered_entries(std::uint64_t first, std::uint64_t count) {
  std::vector<Entry> entries;
  for (std::uint64_t i = 0; i < count; ++i) entries.push_back(numbered_entry(first + i));
  return entries;
}

/// The entry as a producer knows it, which a collector has stamped with the time of its arrival: its event time is the
/// only one.
inline Entry as_sent(Entry entry) {
  return {std::move(entry.sender), entry.time(), entry.log_format, std::move(entry.log_entry)};
}

inline std::vector<Entry> as_sent(std::vector<Entry> entries) {
  for (Entry& entry : entries) entry = as_sent(std::move(entry));
  return entries;
}

inline std::vector<EntryView> views(const std::vector<Entry>& entries) { return {entries.begin(), entries.end()}; }

/// All entries that can be read, in order. An error ends the list and is stored in `error` if given; it fails the
/// test if not.
inline std::vector<Entry> read_all(FileReader& reader, Error* error = nullptr) {
  std::vector<Entry> entries;
  for (;;) {
    const auto entry = reader.next();
    if (!entry) {
      if (error != nullptr) {
        *error = entry.error();
      } else {
        ADD_FAILURE() << entry.error().to_string();
      }
      return entries;
    }
    if (!*entry) return entries;
    entries.emplace_back(**entry);
  }
}

inline std::vector<Entry> read_all(const std::filesystem::path& path, FileLayer* layer = nullptr,
                                   Error* error = nullptr) {
  auto reader = FileReader::open(path, {.layer = layer});
  if (!reader) {
    if (error != nullptr) {
      *error = reader.error();
    } else {
      ADD_FAILURE() << reader.error().to_string();
    }
    return {};
  }
  return read_all(*reader, error);
}

/// All entries of a store, by file ID.
inline std::vector<Entry> read_all(const Store& store) {
  std::vector<Entry> entries;
  const auto listing = store.list();
  if (!listing) {
    ADD_FAILURE() << listing.error().to_string();
    return entries;
  }
  for (const auto& file : listing->files) {
    auto reader = store.open_file(file.file_id);
    if (!reader) {
      ADD_FAILURE() << reader.error().to_string();
      continue;
    }
    for (auto& entry : read_all(*reader)) entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace towl::test

// How GoogleTest prints an entry.
namespace towl {
inline void PrintTo(const Entry& entry, std::ostream* to) {
  *to << entry.sender << ' ' << format_rfc3339(entry.received).view() << ' ' << entry.log_entry;
  if (entry.time_offset != 0) *to << " of " << format_rfc3339(entry.time()).view();
}
}  // namespace towl

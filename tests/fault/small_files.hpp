// Small files of format 2 to damage, and what must hold after any damage: what is read at an ordinal is what was
// written at it.
//
// TOWL_FAULT_ROUNDS=N   N times as many seeds and samples if only a part of the places is visited.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "support/stores.hpp"
#include "towl/file_writer.hpp"
#include "towl/memory_file_layer.hpp"
#include "towl/recover.hpp"
#include "v2/frame.hpp"

namespace towl::test {

inline constexpr const char* kDamagedPath = "/d/1.towl";

/// The factor by which tests take more samples.
inline std::uint64_t fault_rounds() {
  const char* set = std::getenv("TOWL_FAULT_ROUNDS");
  return set != nullptr ? static_cast<std::uint64_t>(std::max(1, std::atoi(set))) : 1;
}

/// A frame of any kind and where it is stored.
struct StoredFrame {
  detail::v2::FrameHeader header;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool holds(Ordinal ordinal) const {
    return header.kind == detail::v2::FrameKind::data && ordinal >= header.first && ordinal < header.end();
  }
};

/// All frames of a whole file, the one that repeats the header page included.
std::vector<StoredFrame> frames_of(std::string_view bytes, std::uint32_t tag);

/// A file and the truth about it.
struct SmallFile {
  std::string bytes;
  std::uint32_t tag = 0;
  std::vector<Entry> entries;  ///< By ordinal.
  Ordinal durable = 0;         ///< This many were promised by an index slot.
  std::vector<StoredFrame> frames = {};

  /// The frames with entries.
  std::vector<StoredFrame> data_frames() const;
  /// Entries below this survive any damage to others: they were durable, and a later frame or slot says so.
  std::string_view frame(const StoredFrame& stored) const {
    return std::string_view(bytes).substr(stored.begin, stored.end - stored.begin);
  }
};

Uuid small_uuid(std::uint8_t number);

/// 8 frames of 3 entries each. 18 entries are synced and in an index slot, the rest is written only.
SmallFile open_file(std::uint8_t uuid = 1, std::uint64_t first_number = 0);
/// The same, closed.
SmallFile closed_file();
/// A sealed file: that closed file after towl::seal(), a single frame.
SmallFile sealed_file();
/// A sealed one of 4 frames of 6 entries, each with its filter: what sealing makes of a file of megabytes.
SmallFile sealed_file_of_frames();

/// One of these, as a test's parameter.
struct MadeFile {
  const char* name;
  SmallFile (*make)();
  /// How many bits of each byte are worth a test by default: those of one file differ little from another's.
  int bits = 8;
};
inline void PrintTo(const MadeFile& file, std::ostream* to) { *to << file.name; }

inline constexpr std::uint64_t kEntriesACommit = 6;  ///< In two frames.

enum class State { open, idle, closed };

/// A file of commits: every batch is written as two frames and synced; the index is written only with the first, as in a
/// busy second.
SmallFile file_of_commits(State state);

/// Zeros where the frame is.
void zero(std::string& bytes, const StoredFrame& frame);

/// Two lives of one file: the tail of the first, never synced, was torn in its frame `torn`, was cut off, and other
/// entries were written in its place, after a gap that takes the ordinals of the tail.
struct TwoLives {
  explicit TwoLives(std::size_t torn);
  SmallFile first;  ///< With the torn frame as the crash left it.
  SmallFile second;
  std::uint64_t readable = 0;  ///< Entries of the second one that can be read.
};

/// What reading a damaged file gave.
struct Reading {
  bool opened = false;
  std::vector<Ordinal> ordinals;  ///< Of the entries that were read.
  std::vector<Error> errors;

  bool has(Ordinal ordinal) const { return std::binary_search(ordinals.begin(), ordinals.end(), ordinal); }
};

/// Reads on through all damage, from `from` on. Fails the test if an entry is not the one of `truth` at its ordinal, if
/// ordinals do not ascend, or if it does not end. An error is one of the file's, not of the machine.
Reading read_damaged(MemoryFileLayer& disk, const std::vector<Entry>& truth, Ordinal from = 0);

/// The same for a file with these bytes.
Reading read_damaged(MemoryFileLayer& disk, std::string bytes, const std::vector<Entry>& truth);

/// Whether verify() finds nothing wrong; an error of verify() is something wrong.
bool is_whole(MemoryFileLayer& disk);

/// What verify() finds, to be shown if a test fails.
std::string findings(MemoryFileLayer& disk, const std::string& path = kDamagedPath);

/// Opens for appending, appends an entry and closes. Fails the test if that does not work, or if the entry, or one
/// that was readable before, is not there afterwards.
void expect_takes_entries(MemoryFileLayer& disk, const std::vector<Entry>& truth);

}  // namespace towl::test

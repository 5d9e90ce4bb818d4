// InputStatus is what an input says about itself, as values: for metrics, the log, and people (`towlctl stat`,
// `explain`). What an input has nothing to say of is absent.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace towld {

/// A file that is read, and how far.
struct CollectedFile {
  std::string path = {};
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t fingerprint_bytes = 0;
  std::uint64_t fingerprint_hash = 0;
  std::uint64_t offset = 0;           ///< Read up to here.
  std::uint64_t stored_offset = 0;    ///< Stored up to here: where a restart goes on.
  std::uint64_t size = 0;             ///< At least `offset`.
  std::uint64_t bytes_in_flight = 0;  ///< Read, and not stored yet.
  bool open = false;
  std::string_view state = {};  ///< One word for a program; of static storage.
  std::string why = {};         ///< For a person; empty: nothing to say.

  std::uint64_t lag_bytes() const { return size - offset; }
};

struct FilesStatus {
  std::vector<std::string> include = {};
  std::vector<CollectedFile> files = {};
  std::vector<std::pair<std::string, std::string>> ignored = {};  ///< Paths, and why.
  std::uint64_t missing = 0;                                      ///< Known from before a restart, and not found yet.
  std::uint64_t open_files = 0;
};

struct InputStatus {
  std::string type = {};                    ///< As its configuration has it.
  std::optional<std::string> error = {};    ///< Why it makes no progress now; "": it does.
  std::optional<FilesStatus> files = {};    ///< Of an input that reads files.
  std::optional<std::string> cursor = {};   ///< Where a journal is read.
  std::optional<bool> ended = {};           ///< Whether a source that can end has.
  std::vector<std::string> listening = {};  ///< SCHEME://HOST:PORT
  /// What only this input counts, by name; names are of static storage.
  std::vector<std::pair<std::string_view, std::uint64_t>> counts = {};

  /// What its sources have and it has not read yet, if that can be known.
  std::uint64_t backlog_bytes() const {
    std::uint64_t bytes = 0;
    if (files) {
      for (const CollectedFile& file : files->files) bytes += file.lag_bytes();
    }
    return bytes;
  }
};

}  // namespace towld

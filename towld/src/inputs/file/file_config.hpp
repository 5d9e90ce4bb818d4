// FileInputConfig is what can be set about an input of type `file` alone. The keys are listed in README.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/read_from.hpp"

namespace towld {

enum class Encoding { utf8, utf16le, utf16be, latin1 };

struct MultilineConfig {
  std::string start_pattern = {};           ///< A text that matches begins an entry; others belong to the one before.
  std::string continue_pattern = {};        ///< A text that matches belongs to the entry before. One of the two is set.
  std::int64_t timeout_ns = 1'000'000'000;  ///< An entry is complete when nothing followed for so long.
  std::uint64_t max_lines = 1000;

  friend bool operator==(const MultilineConfig&, const MultilineConfig&) = default;
};

struct FileInputConfig {
  std::vector<std::string> include = {};  ///< Globs; `**` crosses folders.
  std::vector<std::string> exclude = {};
  ReadFrom read_from = ReadFrom::beginning;  ///< Of files that were never read.
  std::optional<std::int64_t> ignore_older_ns = {};
  std::int64_t rotate_wait_ns = 60'000'000'000;  ///< A file that is gone from its path is read on for so long.
  std::size_t max_line_bytes = 0;  ///< 0: what an entry may have.
  Encoding encoding = Encoding::utf8;
  std::size_t fingerprint_bytes = 1024;
  std::optional<MultilineConfig> multiline = {};

  friend bool operator==(const FileInputConfig&, const FileInputConfig&) = default;
};

}  // namespace towld

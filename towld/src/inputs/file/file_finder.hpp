// FileFinder lists the files that an input's patterns match, and the folders in which more may turn up.
//
// Folders below `**` are not followed through symbolic links: those may lead in circles.
// Threads: one at a time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "inputs/file/file_config.hpp"
#include "inputs/file/glob.hpp"
#include "limits/limits.hpp"
#include "towl/error.hpp"
#include "towl/result.hpp"

namespace towld {

/// What is there now.
struct FoundFiles {
  std::vector<std::string> paths;      ///< Sorted, each once. May be links, or gone by now.
  std::vector<std::string> excluded;   ///< Matches that the configuration excludes.
  std::vector<std::string> folders;    ///< Where the next match may be created; sorted, each once.
  std::vector<towl::Error> errors;     ///< Folders that could not be read.
  std::vector<std::string> unmatched;  ///< Patterns that match nothing.
  bool too_many = false;               ///< There are more than kMaxFoundFiles.
};

class FileFinder {
 public:
  /// Errors: invalid_argument (a pattern).
  static towl::Result<FileFinder> create(const FileInputConfig& config);

  FoundFiles find() const;

  /// Whether the patterns match this path, whether it exists or not.
  bool wants(const std::string& path) const;

 private:
  std::vector<std::string> patterns_;  // as they are configured
  std::vector<Glob> globs_;
  Exclusions exclusions_;
};

}  // namespace towld

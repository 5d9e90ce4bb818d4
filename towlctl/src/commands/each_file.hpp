// For commands that do something to each of some files: the shared options, and the loop.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "files/file_layers.hpp"
#include "files/local_files.hpp"
#include "output/entry_filter.hpp"
#include "output/stdout_writer.hpp"
#include "session/session.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_name.hpp"
#include "towl/file_reader.hpp"
#include "towl/query/entry_test.hpp"

namespace towlctl {

struct FileOptions {
  std::string store;
  std::vector<std::string> files;
  FilterOptions filter;  ///< Only titles and organisations.
};

/// Without `required`, no file means all of the store.
inline void declare_files(CLI::App& command, FileOptions& options, bool required) {
  add_word(command, "--store", options.store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  add_texts(command, "FILE", options.files, "...",
            required ? "File IDs or paths" : "File IDs or paths (default: all files)")
      ->required(required);
  if (required) return;
  add_texts(command, "--title", options.filter.titles, "TITLE", "Files with this title; may have * and ?");
  add_texts(command, "--org", options.filter.orgs, "ORG", "Files of this organisation; may have * and ?");
}

/// Whether the file has a title and organisation that were asked for. True if it cannot be read, to report its error.
inline bool is_meant(const FileOptions& options, const std::filesystem::path& path) {
  if (options.filter.titles.empty() && options.filter.orgs.empty()) return true;
  const auto expression = filter_expression(options.filter);
  const auto reader = towl::FileReader::open(path, {.layer = &file_layer()});
  if (!expression || !reader) return true;
  auto test = towl::EntryTest::create(*expression);
  return !test || test->passes({}, reader->header());
}

/// Calls `take` with each file's path and where results go. It returns a Result<void>; an error is reported in one
/// line, and the next file follows. Returns the exit code: kFailure if there was an error.
template <class Take>
int for_each_file(const FileOptions& options, StdoutWriter& out, Take take) {
  const auto paths = find_files(local_store(options.store), options.files);
  if (!paths) {
    complain(paths.error().to_string());
    return kFailure;
  }
  int code = kDone;
  for (const auto& path : *paths) {
    if (!is_meant(options, path)) continue;
    if (const auto done = take(path); !done) {
      out.flush();
      complain(done.error().to_string());
      code = kFailure;
    }
  }
  return code;
}

/// Locks the folder that a file is in, for work that must not run while a writer does. Errors: locked, io.
inline towl::Result<std::unique_ptr<towl::FileLock>> lock_folder_of(const std::filesystem::path& path) {
  auto lock = towl::posix_file_layer().lock(std::filesystem::absolute(path).parent_path() / towl::kLockName);
  if (lock || lock.error().code != towl::ErrorCode::locked) return lock;
  return towl::fail(towl::ErrorCode::locked, "a collector or a sync writes to this folder: stop it first",
                    path.string());
}

}  // namespace towlctl

// What commands share that do something to each of some files: the options, and the loop.
#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "arguments/options.hpp"
#include "files/local_files.hpp"
#include "output/stdout_writer.hpp"
#include "session/session.hpp"
#include "towl/file_layer.hpp"
#include "towl/file_name.hpp"

namespace towlctl {

struct FileOptions {
  std::string store;
  std::vector<std::string> files;
};

/// Without `required`, no file means all of the store.
inline void declare_files(CLI::App& command, FileOptions& options, bool required) {
  add_word(command, "--store", options.store, "DIR",
           "Folder of the store or mirror (default: $TOWL_STORE, the mirror)");
  add_texts(command, "FILE", options.files, "...",
            required ? "File IDs or paths" : "File IDs or paths (default: all files)")
      ->required(required);
}

/// Calls `take` with each file's path and where results go. It returns a Result<void>; an error is one line, and the
/// next file's turn. Returns the exit code: kFailure where there was an error.
template <class Take>
int for_each_file(const FileOptions& options, StdoutWriter& out, Take take) {
  const auto paths = find_files(local_store(options.store), options.files);
  if (!paths) {
    complain(paths.error().to_string());
    return kFailure;
  }
  int code = kDone;
  for (const auto& path : *paths) {
    if (const auto done = take(path); !done) {
      out.flush();
      complain(done.error().to_string());
      code = kFailure;
    }
  }
  return code;
}

/// Locks the folder that a file is in, for what must not have a writer beside it. Errors: locked, io.
inline towl::Result<std::unique_ptr<towl::FileLock>> lock_folder_of(const std::filesystem::path& path) {
  auto lock = towl::posix_file_layer().lock(std::filesystem::absolute(path).parent_path() / towl::kLockName);
  if (lock || lock.error().code != towl::ErrorCode::locked) return lock;
  return towl::fail(towl::ErrorCode::locked, "a collector or a sync writes to this folder: stop it first",
                    path.string());
}

}  // namespace towlctl
